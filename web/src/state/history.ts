import { computed, signal } from "@preact/signals";
import type { ChapterView } from "quire-client";
import { book, can, chapter as inView, holdOf, opened } from "./book";
import { text, textStored } from "./text";
import { unsaved } from "./unsaved";
import { release } from "./writing";

/** A chapter whose history is shown. */
export interface HistoryOf {
  id: string;
  title: string;
  /** Null for a chapter that was removed: it can be read and compared, not written back. */
  chapter: ChapterView | null;
}

const asked = signal<{ book: string; chapter: string } | null>(null);

/** Whose history is shown; null: none, or of a chapter that is not in view any more. */
export const shownHistory = computed<HistoryOf | null>(() => {
  const [at, state] = [asked.value, book.value];
  if (at === null || state?.id !== at.book || !can("history")) return null;
  const entry = inView.value;
  if (entry?.id === at.chapter) return { id: entry.id, title: entry.title, chapter: entry };
  const removed = state.removed.find(({ id }) => id === at.chapter);
  return removed ? { id: removed.id, title: removed.title, chapter: null } : null;
});

export function showHistory(chapter: string): void {
  asked.value = { book: opened().id, chapter };
}

export function closeHistory(): void {
  asked.value = null;
}

/** The position of a chapter's text as it is; null, where it is not in view or no document yet. */
export function revOf(chapter: string): number | null {
  const shown = text.value;
  return shown.kind === "document" && shown.chapter === chapter ? shown.rev : null;
}

/** Keeps the text of a chapter, or of all of them, as it is now: with what this tab has typed. */
export async function keepVersion(label: string, chapter?: string): Promise<void> {
  await Promise.all([...unsaved.peek().keys()].map(textStored));
  await opened().saveVersion(label, chapter);
}

/**
 * Brings a version back; answers the position after it. Whoever holds the chapter goes on holding it, a free one is free
 * again, and from somebody else it is taken with a reason.
 */
export async function restoreVersion(chapter: ChapterView, rev: number, reason: string): Promise<number> {
  const { id } = chapter;
  switch (holdOf(chapter).kind) {
    case "mine":
      await textStored(id);
      return opened().restoreVersion(id, rev);
    case "elsewhere":
      await opened().moveHere(id);
      return opened().restoreVersion(id, rev);
    case "free":
      await opened().acquire(id);
      break;
    case "other":
      await opened().forceRelease(id, reason, { take: true });
      break;
  }
  try {
    return await opened().restoreVersion(id, rev);
  } finally {
    // Where this fails, the page shows that the chapter is held; why the version did not come back matters more.
    await release(id).catch(() => undefined);
  }
}
