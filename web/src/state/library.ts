import { effect, signal } from "@preact/signals";
import type { BookRow, Client, InvitationRow } from "quire-client";
import { messageOf } from "../lib/refusal";
import { client, connected } from "./session";
import { announce } from "./toasts";

/** My books; null before the first answer. */
export const books = signal<BookRow[] | null>(null);
export const invitations = signal<InvitationRow[]>([]);
/** Mine in the trash. */
export const trash = signal<BookRow[]>([]);
/** Why the lists could not be had. */
export const libraryError = signal<string | undefined>(undefined);

/** Which refresh is the latest: an older answer that comes late is ignored. */
let round = 0;

async function refresh(client: Client): Promise<void> {
  round += 1;
  const mine = round;
  try {
    const [rows, pending, trashed] = await Promise.all([client.listBooks(), client.listInvitations(), client.listTrash()]);
    if (mine !== round) return;
    const known = new Set(invitations.value.map((row) => row.id));
    const fresh = pending.filter((row) => !known.has(row.id));
    books.value = rows;
    invitations.value = pending;
    trash.value = trashed;
    libraryError.value = undefined;
    for (const row of fresh) announce(`${row.by.name} invites you to ${row.title}`);
  } catch (reason) {
    if (mine === round) libraryError.value = messageOf(reason);
  }
}

function forget(): void {
  round += 1;
  books.value = null;
  invitations.value = [];
  trash.value = [];
  libraryError.value = undefined;
}

/** Keeps both lists current for whoever is signed in. */
export function followLibrary(): void {
  effect(() => {
    const current = client.value;
    if (!current) return undefined;
    const stops = [
      current.on("books", () => void refresh(current)),
      // While the connection was away, nobody said that something had changed.
      current.on("state", (state) => {
        if (state.status === "online") void refresh(current);
      }),
    ];
    return () => {
      stops.forEach((stop) => stop());
      forget();
    };
  });
}

export async function createBook(title: string): Promise<string> {
  return connected().createBook(title);
}

export async function restoreBook(book: string): Promise<void> {
  const current = connected();
  await current.restoreBook(book);
  await refresh(current);
}

export async function deleteForever(book: string): Promise<void> {
  const current = connected();
  await current.deleteForever(book);
  await refresh(current);
}

export async function acceptInvitation(row: InvitationRow): Promise<void> {
  const current = connected();
  await current.acceptInvitation(row.book, row.id);
  await refresh(current);
}

export async function declineInvitation(row: InvitationRow): Promise<void> {
  const current = connected();
  await current.declineInvitation(row.book, row.id);
  await refresh(current);
}
