import { computed, effect, signal } from "@preact/signals";
import type { Anchor, Relative, Thread } from "quire-client";
import { type Span, locate } from "../lib/anchor";
import { messageOf } from "../lib/refusal";
import { book, chapterId, view } from "./book";
import { pane } from "./pane";

/** The thread that the person points at, in the margin or in the text. */
export const activeThread = signal<string | null>(null);
export const threadFilter = signal<"open" | "resolved">("open");
/** A comment that is being written: on a stretch of the text, or with `null` on the whole chapter. */
export const draft = signal<{ anchor: Anchor | null } | null>(null);
export const threadsError = signal<string | undefined>(undefined);
/** The plain text that is shown, to find quotes in; set by whoever shows it. */
export const shownText = signal<string | null>(null);
/** Finds in it what an anchor says by what stands there; set anew with each change, by whoever shows a document. */
export const findRelative = signal<((relative: Relative) => Span | undefined) | null>(null);

export interface PlacedThread {
  thread: Thread;
  /** Where what it is about stands in the text; absent for the whole chapter, and where that is gone. */
  span: Span | undefined;
  /** What it is about is gone. While no text is shown, the hub knows. */
  detached: boolean;
}

/** Where an anchor is in the text that is shown: where it stands, or else where its words stand. */
export function placeOf(anchor: Anchor): Span | undefined {
  const shown = shownText.value;
  if (shown === null) return undefined;
  const moved = anchor.relative && findRelative.value?.(anchor.relative);
  if (moved && shown.slice(moved.start, moved.end) === anchor.quote) return moved;
  const quoted = locate(shown, anchor);
  // Words that somebody brought back are new to the document: of the old ones, part may be all that is left.
  const overlap = moved && quoted && quoted.start < moved.end && moved.start < quoted.end;
  return overlap ? quoted : (moved ?? quoted);
}

function placed(thread: Thread): PlacedThread {
  const { anchor } = thread;
  if (!anchor) return { thread, span: undefined, detached: false };
  const span = placeOf(anchor);
  return { thread, span, detached: shownText.value === null ? (thread.detached ?? false) : span === undefined };
}

export const mayReadComments = computed(() => book.value?.threads != null);

/** Threads of the chapter in view in the order of the text, those without a place first. */
export const threads = computed<PlacedThread[]>(() => {
  const state = book.value;
  const within = chapterId.value;
  if (!state?.threads) return [];
  return state.threads
    .filter((head) => head.chapter === within)
    .map((head) => state.comments.get(head.id))
    .filter((thread) => thread !== undefined)
    .map(placed)
    .sort((left, right) => (left.span?.start ?? -1) - (right.span?.start ?? -1));
});

/** How many open threads each chapter has. */
export const openCounts = computed(() => {
  const counts = new Map<string, number>();
  for (const head of book.value?.threads ?? []) {
    if (!head.resolved) counts.set(head.chapter, (counts.get(head.chapter) ?? 0) + 1);
  }
  return counts;
});

/** A thread that somebody came for, until its chapter is there. */
let wanted: string | null = null;

function activateWanted(): void {
  const found = threads.value.find(({ thread }) => thread.id === wanted);
  if (!found) return;
  wanted = null;
  threadFilter.value = found.thread.resolved ? "resolved" : "open";
  activeThread.value = found.thread.id;
  pane.value = "comments";
}

/** Points at a thread, now or once its chapter is there. */
export function showThread(id: string): void {
  wanted = id;
  activateWanted();
}

/** Loads the comments of whichever chapter is in view. */
export function followThreads(): void {
  effect(() => {
    const opening = view.value;
    const chapter = chapterId.value;
    draft.value = null;
    activeThread.value = null;
    threadsError.value = undefined;
    if (!opening || chapter === null || !mayReadComments.value) return;
    opening.loadThreads(chapter).then(activateWanted, (reason: unknown) => {
      if (view.value === opening) threadsError.value = messageOf(reason);
    });
  });
}
