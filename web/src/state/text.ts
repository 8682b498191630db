import { effect, signal } from "@preact/signals";
import { messageOf } from "../lib/refusal";
import { chapterId, view } from "./book";
import { token } from "./session";

/** The text of the chapter in view. */
export type Text =
  | { kind: "none" }
  | { kind: "loading"; chapter: string }
  | { kind: "ready"; chapter: string; seq: number; html: string }
  | { kind: "failed"; chapter: string; message: string };

export const text = signal<Text>({ kind: "none" });

async function load(book: string, chapter: string, signal: AbortSignal): Promise<Text> {
  const response = await fetch(`/v1/books/${book}/chapters/${chapter}/text`, {
    headers: { authorization: `Bearer ${token()}` },
    signal,
  });
  const answer = (await response.json().catch(() => ({}))) as { seq?: number; html?: string; message?: string };
  if (!response.ok) {
    return { kind: "failed", chapter, message: answer.message ?? "The text could not be loaded." };
  }
  return { kind: "ready", chapter, seq: answer.seq ?? 0, html: answer.html ?? "" };
}

async function show(book: string, chapter: string, stopped: AbortSignal): Promise<void> {
  let loaded: Text;
  try {
    loaded = await load(book, chapter, stopped);
  } catch (reason) {
    loaded = { kind: "failed", chapter, message: messageOf(reason) };
  }
  if (!stopped.aborted) text.value = loaded;
}

/** Asks again, after a failure. */
export function reloadText(): void {
  if (view.value && chapterId.value) {
    text.value = { kind: "loading", chapter: chapterId.value };
    void show(view.value.id, chapterId.value, new AbortController().signal);
  }
}

/** Loads the text of whichever chapter is in view. */
export function followText(): void {
  effect(() => {
    const book = view.value?.id;
    const chapter = chapterId.value;
    if (book === undefined || chapter === null) {
      text.value = { kind: "none" };
      return undefined;
    }
    text.value = { kind: "loading", chapter };
    const stop = new AbortController();
    void show(book, chapter, stop.signal);
    return () => stop.abort();
  });
}
