import { chapterHref, go } from "../app/route";
import { expectWaitToEnd } from "./changes";
import { opened } from "./book";
import { pane } from "./pane";

/** What the person can do with a chapter. Viewing never acquires: only `write` and `ask` say the intent to edit. */

export function open(chapter: string): void {
  go(chapterHref(opened().id, chapter));
  pane.value = "text";
}

export async function write(chapter: string): Promise<void> {
  await opened().acquire(chapter);
  open(chapter);
}

/** Gives a chapter back once everything is stored that was typed in it. */
export async function release(chapter: string): Promise<void> {
  await opened().release(chapter);
}

export async function ask(chapter: string, note: string): Promise<void> {
  await opened().acquire(chapter, note === "" ? { wait: true } : { wait: true, note });
}

export async function cancelWait(chapter: string): Promise<void> {
  expectWaitToEnd(chapter);
  await opened().cancelWait(chapter);
}
