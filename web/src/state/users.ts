import { computed, effect, signal } from "@preact/signals";
import { QuireRefusal, type Client, type LibraryBookRow, type LibraryView, type Permission, type UserRow } from "quire-client";
import { messageOf } from "../lib/refusal";
import { client, connected } from "./session";

/** The library as I may see it; null: for me there is none. */
export const library = signal<LibraryView | null>(null);
/** I was asked to join. */
export const askedToJoin = computed(() => {
  const state = library.value?.you?.state;
  return state === "asked" || state === "lapsed";
});

export function has(permission: Permission): boolean {
  return library.value?.can.includes(permission) ?? false;
}

/** I may do something with users. */
export const managesUsers = computed(() =>
  (["list_users", "add_users", "settings"] as const).some((permission) => has(permission)),
);

/** A list of which pages are fetched as they are asked for, and all of them again when something changes. */
interface Paged<Row> {
  rows: readonly Row[];
  total: number;
  more: boolean;
  error?: string;
}

const NONE = { rows: [], total: 0, more: false };

export const shelf = signal<Paged<LibraryBookRow>>(NONE);
export const shelfQuery = signal({ search: "", category: "", state: "" });
export const users = signal<Paged<UserRow>>(NONE);
export const usersQuery = signal({ search: "", country: "", role: "", state: "" });

/** Fetches as many rows as are shown now, so that a change elsewhere moves nothing out of sight; or one page more. */
async function fill<Row, Cursor>(
  into: { value: Paged<Row> },
  wanted: number,
  page: (cursor: Cursor | undefined) => Promise<{ rows: Row[]; total: number; cursor: Cursor | null }>,
  current: () => boolean,
): Promise<void> {
  let rows: Row[] = [];
  let cursor: Cursor | null | undefined;
  try {
    for (;;) {
      const answer = await page(cursor ?? undefined);
      if (!current()) return;
      rows = rows.concat(answer.rows);
      cursor = answer.cursor;
      if (cursor === null || rows.length >= wanted) {
        into.value = { rows, total: answer.total, more: cursor !== null };
        return;
      }
    }
  } catch (reason) {
    if (current()) into.value = { ...into.value, error: messageOf(reason) };
  }
}

let shelfRound = 0;
let usersRound = 0;
let viewRound = 0;

export function loadShelf(more = false): Promise<void> {
  shelfRound += 1;
  const mine = shelfRound;
  const { search, category, state } = shelfQuery.value;
  const query = {
    ...(search && { search }),
    ...(category && { category }),
    ...(state && { state: state as LibraryBookRow["state"] }),
  };
  const page = async (cursor: string | undefined) => {
    const answer = await connected().library.books({ ...query, ...(cursor !== undefined && { cursor }) });
    return { rows: answer.shelf, total: answer.total, cursor: answer.cursor };
  };
  return fill(shelf, shelf.value.rows.length + (more ? 1 : 0), page, () => mine === shelfRound);
}

export function loadUsers(more = false): Promise<void> {
  usersRound += 1;
  const mine = usersRound;
  const { search, country, role, state } = usersQuery.value;
  const query = {
    ...(search && { search }),
    ...(country && { countries: [country] }),
    ...(role && { roles: [role] }),
    ...(state && { state: state as UserRow["state"] }),
  };
  const page = async (cursor: string | undefined) => {
    const answer = await connected().library.users({ ...query, ...(cursor !== undefined && { cursor }) });
    return { rows: answer.users, total: answer.total, cursor: answer.cursor };
  };
  return fill(users, users.value.rows.length + (more ? 1 : 0), page, () => mine === usersRound);
}

async function look(from: Client): Promise<void> {
  viewRound += 1;
  const mine = viewRound;
  try {
    const view = await from.library.open();
    if (mine === viewRound) library.value = view;
  } catch (reason) {
    // Whatever it is: nothing is shown that may not be there any more.
    if (mine === viewRound) library.value = null;
    if (!(reason instanceof QuireRefusal)) throw reason;
  }
}

async function refresh(from: Client, changed: { users: boolean; books: boolean }): Promise<void> {
  await look(from).catch(() => undefined);
  if (library.value === null || askedToJoin.value) return;
  if (changed.books) await loadShelf();
  if (changed.users && has("list_users")) await loadUsers();
}

function forget(): void {
  shelfRound += 1;
  usersRound += 1;
  viewRound += 1;
  library.value = null;
  shelf.value = NONE;
  users.value = NONE;
}

/** Keeps the library current for whoever is signed in. */
export function followUsers(): void {
  effect(() => {
    const current = client.value;
    if (!current) return undefined;
    const all = { users: true, books: true };
    const stops = [
      current.on("library", (change) => void refresh(current, change)),
      current.on("state", (state) => {
        if (state.status === "online") void refresh(current, all);
      }),
    ];
    return () => {
      stops.forEach((stop) => stop());
      forget();
    };
  });
}

export async function answerLibrary(yes: boolean): Promise<void> {
  const current = connected();
  await (yes ? current.library.join() : current.library.decline());
  await refresh(current, { users: true, books: true });
}
