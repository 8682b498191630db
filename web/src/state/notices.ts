import { effect } from "@preact/signals";
import type { BookView, By, Notice, Role } from "quire-client";
import { roleName } from "../lib/words";
import { book, view } from "./book";
import { client, connected } from "./session";
import { toast } from "./toasts";

function chapterTitle(id: string): string {
  return view.value?.chapter(id)?.title ?? "a chapter";
}

function personOf(by: By): string | undefined {
  if (!("user" in by)) return undefined;
  return book.value?.members.find((member) => member.user === by.user)?.name;
}

function lostSentence(notice: Extract<Notice, { kind: "lock_lost" }>): string {
  const title = chapterTitle(notice.chapter);
  const who = personOf(notice.by) ?? "The owner";
  switch (notice.reason) {
    case "forced":
      return `${who} took over “${title}”.`;
    case "idle":
      return `“${title}” was released: nothing was done in it for a long time.`;
    case "moved":
      return `You hold “${title}” in another tab now.`;
    case "permission_changed":
      return `“${title}” was released: your role does not allow editing any more.`;
    case "chapter_removed":
      return `“${title}” was removed by ${personOf(notice.by) ?? "somebody"}.`;
    case "mode_changed":
      return `In “${title}” one person writes at a time now, and it is not you.`;
    case "disconnected":
    case "replica_lost":
      return `“${title}” was released while the connection was away.`;
    default:
      return `You no longer hold “${title}”.`;
  }
}

/** The role that this tab was last told of, in each view of a book. */
const roles = new WeakMap<BookView, Role | null>();

/** A right may come or go by the library, or because readers have the book now: then the role is the same. */
function accessSentence({ role, book: about }: Extract<Notice, { kind: "access_changed" }>): string {
  const open = view.value?.id === about ? view.value : null;
  const before = open === null ? undefined : roles.get(open);
  if (open !== null) roles.set(open, role);
  return role === null || role === before ? "Your rights in this book changed." : `You are now ${roleName(role)} of this book.`;
}

/** What the hub says to this tab alone, as toasts. */
function hear(notice: Notice): void {
  switch (notice.kind) {
    case "lock_lost":
      toast(lostSentence(notice), { tone: "warn", ...(notice.note ? { detail: `“${notice.note}”` } : {}) });
      break;
    case "lock_wanted":
      toast(`${notice.by.name} asks for “${chapterTitle(notice.chapter)}”.`, notice.note ? { detail: `“${notice.note}”` } : {});
      break;
    case "lock_idle_soon":
      toast(`“${chapterTitle(notice.chapter)}” will be released for inactivity.`, {
        tone: "warn",
        until_at: notice.releases_at - connected().serverClockOffset,
        // The click itself is the activity that the client reports.
        action: { label: "Keep it", run: () => undefined },
      });
      break;
    case "access_changed":
      toast(accessSentence(notice));
      break;
    // The view of the book says the same, with its title; the library listens on its own.
    case "book_closed":
    case "books_changed":
    case "noticed":
    case "inbox_changed":
      break;
  }
}

export function followNotices(): void {
  effect(() => {
    const [open, state] = [view.value, book.value];
    if (open !== null && state !== null && state.id === open.id && !roles.has(open)) roles.set(open, state.role);
  });
  effect(() => client.value?.on("notice", hear));
}
