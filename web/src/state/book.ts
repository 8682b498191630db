import { computed, effect, signal } from "@preact/signals";
import { type Action, type BookState, type BookStatus, type BookView, type ChapterView, type HolderView, holdersOf } from "quire-client";
import { go, libraryHref, routeBook, routeChapter } from "../app/route";
import { messageOf } from "../lib/refusal";
import { tell } from "./changes";
import { restoreBook } from "./library";
import { client, session, user } from "./session";
import { toast } from "./toasts";

/** The open book's view; null while none is open. */
export const view = signal<BookView | null>(null);
export const status = signal<BookStatus>("opening");
/** What the open book says now; null before its first state. */
export const book = signal<BookState | null>(null);
/** Why the hub did not open the book. */
export const openingError = signal<string | undefined>(undefined);

/** The book that the hub does not open because I may not know of it, or it is not there. */
export const unknown = signal<string | undefined>(undefined);

/** The chapter in view, if it (still) exists. A part has no text, so it is never in view. */
export const chapter = computed<ChapterView | undefined>(() => {
  const id = routeChapter.value;
  return book.value?.chapters.find((entry) => entry.id === id && entry.kind !== "part");
});

/** Changes only when another chapter comes into view, not with what happens to it. */
export const chapterId = computed(() => chapter.value?.id ?? null);

export function can(action: Action): boolean {
  return book.value?.can.includes(action) ?? false;
}

/** The open book, for what its controls ask. */
export function opened(): BookView {
  if (!view.value) throw new Error("The book is closed.");
  return view.value;
}

/** How a chapter's lock stands to this tab. */
export type Hold =
  | { kind: "free" }
  | { kind: "mine" }
  | { kind: "elsewhere" }
  /** Others write in it, and this tab may do so as well. */
  | { kind: "open" }
  | { kind: "other"; position: number };

/** What this tab holds a chapter under, if it does. */
export function ownHold(entry: ChapterView): HolderView | undefined {
  return holdersOf(entry).find(({ holder }) => holder.session === session.value);
}

/** Everybody else who holds a chapter. */
export function othersIn(entry: ChapterView): HolderView[] {
  return holdersOf(entry).filter(({ holder }) => holder.session !== session.value);
}

export function holdOf(entry: ChapterView): Hold {
  if (!entry.lock) return { kind: "free" };
  const { holder, waiting } = entry.lock;
  if (ownHold(entry)) return { kind: "mine" };
  if (entry.mode === "live") return { kind: "open" };
  if (holder.user === user.value?.id) return { kind: "elsewhere" };
  return { kind: "other", position: waiting.findIndex((waiter) => waiter.session === session.value) + 1 };
}

/** The view whose book I put into the trash: that it ends is no news. */
let trashing: BookView | null = null;

export async function moveToTrash(): Promise<void> {
  trashing = opened();
  await trashing.deleteBook();
}

function ended(opening: BookView): void {
  const title = book.value?.title ?? "This book";
  if (opening.closedReason === "refused") {
    openingError.value = opening.refusal?.message ?? "The hub did not open this book.";
    unknown.value = opening.refusal?.code === "not_found" ? opening.id : undefined;
    return;
  }
  if (opening.closedReason === "closed") return;
  if (opening === trashing) {
    const undo = () => void restoreBook(opening.id).catch((reason: unknown) => toast(messageOf(reason)));
    toast(`“${title}” is in the trash.`, { action: { label: "Undo", run: undo } });
    go(libraryHref());
    return;
  }
  const text =
    opening.closedReason === "removed"
      ? `You are no longer a member of “${title}”. It was closed.`
      : `“${title}” was moved to the trash. It was closed.`;
  toast(text, { tone: "warn" });
  go(libraryHref());
}

function follow(opening: BookView): () => void {
  view.value = opening;
  status.value = opening.status;
  book.value = opening.state;
  openingError.value = undefined;
  unknown.value = undefined;
  const stop = opening.subscribe(() => {
    const before = book.value;
    status.value = opening.status;
    book.value = opening.state;
    if (before && opening.state) tell(before, opening.state, session.value);
    if (opening.status === "closed") ended(opening);
  });
  // A refusal reaches the view's status too; nobody else waits for this promise.
  opening.ready.catch(() => undefined);
  return () => {
    stop();
    opening.close();
    view.value = null;
    book.value = null;
  };
}

/** Opens the book that the address names, and tells the others which chapter is in view. */
export function followBook(): void {
  effect(() => {
    const current = client.value;
    const id = routeBook.value;
    if (!current || id === undefined) return undefined;
    return follow(current.openBook(id));
  });
  effect(() => {
    view.value?.setPresence({ chapter: chapterId.value });
  });
  effect(() => {
    const place = routeBook.value === undefined ? "Your books" : book.value?.title;
    document.title = [chapter.value?.title, place, "quire"].filter(Boolean).join(" · ");
  });
}
