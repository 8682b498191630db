import { effect, signal } from "@preact/signals";
import type { Client, InboxChange, InboxEntry, Told, TopicChoice, TopicSwitch } from "quire-client";
import { bookHref, chapterHref, go, libraryHref, routeBook } from "../app/route";
import { messageOf } from "../lib/refusal";
import { isNews, sentenceOf } from "../lib/told-words";
import { client, connected } from "./session";
import { showThread } from "./threads";
import { toast } from "./toasts";

/** What concerned me, the newest first; null: not asked yet. */
export const entries = signal<readonly InboxEntry[] | null>(null);
export const unread = signal(0);
/** Where the next page begins; null: there is none. */
export const older = signal<number | null>(null);
/** How I want to be told of each topic. */
export const choices = signal<readonly TopicChoice[]>([]);
/** How the library lets anybody be told. */
export const switches = signal<readonly TopicSwitch[]>([]);
/** Where mail for me goes; null: nowhere. */
export const mailTo = signal<string | null>(null);
export const inboxError = signal<string | undefined>(undefined);

let round = 0;

async function look(from: Client): Promise<void> {
  round += 1;
  const mine = round;
  try {
    const page = await from.inbox.open();
    if (mine !== round) return;
    entries.value = page.inbox;
    unread.value = page.unread;
    older.value = page.before;
    choices.value = page.choices;
    switches.value = page.switches;
    mailTo.value = page.mail_to;
    inboxError.value = undefined;
  } catch (reason) {
    if (mine === round) inboxError.value = messageOf(reason);
  }
}

function hear(from: Client, { entry, unread: left }: InboxChange): void {
  unread.value = left;
  if (!entry) {
    void look(from);
    return;
  }
  const known = entries.value ?? [];
  if (known.some((one) => one.n === entry.n)) return;
  entries.value = [entry, ...known].sort((one, other) => other.n - one.n);
  if (isNews(entry.told, routeBook.value)) {
    toast(sentenceOf(entry.told), {
      ...(entry.told.text ? { detail: `“${entry.told.text}”` } : {}),
      action: { label: "Show", run: () => show(entry) },
    });
  }
}

/** Asks again: who does not belong to the library hears nothing of its switches. */
export function lookAgain(): void {
  void look(connected());
}

export async function loadOlder(): Promise<void> {
  const from = older.value;
  if (from === null) return;
  const mine = round;
  const page = await connected().inbox.list(from);
  if (mine !== round) return;
  entries.value = [...(entries.value ?? []), ...page.inbox];
  older.value = page.before;
}

export async function readAll(): Promise<void> {
  const newest = entries.value?.[0];
  if (newest) await connected().inbox.readUpTo(newest.n);
}

/** The choice shows at once, and is taken back if the hub does not take it. */
async function choose<T extends { topic: string }>(of: { value: readonly T[] }, chosen: T, say: (chosen: T[]) => Promise<void>): Promise<void> {
  const put = (one: T | undefined) => {
    if (one) of.value = of.value.map((other) => (other.topic === one.topic ? one : other));
  };
  const before = of.value.find(({ topic }) => topic === chosen.topic);
  put(chosen);
  try {
    await say([chosen]);
  } catch (reason) {
    put(before);
    throw reason;
  }
}

/** How I want to be told of a topic. */
export async function want(choice: TopicChoice): Promise<void> {
  await choose(choices, choice, (all) => connected().inbox.choose(all));
}

/** How anybody may be told of a topic. */
export async function allow(allowed: TopicSwitch): Promise<void> {
  await choose(switches, allowed, (all) => connected().library.allow(all));
}

function place({ topic, book, chapter }: Told): string {
  // Whoever is invited or was removed cannot open the book.
  if (topic === "invited" || topic === "removed") return libraryHref();
  return chapter === undefined || chapter === null ? bookHref(book) : chapterHref(book, chapter);
}

/** Goes where it happened; it is read then. */
export function show(entry: InboxEntry): void {
  const { thread } = entry.told;
  if (!entry.read) connected().inbox.read([entry.n]).catch((reason: unknown) => toast(messageOf(reason)));
  go(place(entry.told));
  if (thread !== undefined && thread !== null) showThread(thread);
}

/** Keeps the inbox current for whoever is signed in. */
export function followInbox(): void {
  effect(() => {
    const current = client.value;
    if (!current) return undefined;
    const stops = [
      current.on("inbox", (change) => hear(current, change)),
      current.on("library", ({ notices }) => {
        if (notices) void look(current);
      }),
      current.on("state", (state) => {
        if (state.status === "online") void look(current);
      }),
    ];
    return () => {
      stops.forEach((stop) => stop());
      round += 1;
      entries.value = null;
      unread.value = 0;
      older.value = null;
      choices.value = [];
      switches.value = [];
      mailTo.value = null;
    };
  });
}
