import { chapterHref, go } from "../app/route";
import { expectWaitToEnd } from "./changes";
import { opened } from "./book";
import { pane } from "./pane";

/** What the person can do with a chapter. Viewing never acquires: only `write` and `ask` say the intent to edit. */

export function open(chapter: string): void {
  go(chapterHref(opened().id, chapter));
  pane.value = "text";
}

/** The chapter that somebody here just asked to write in. */
let awaited: string | null = null;

/** Runs what begins a hold by this person's own hand: the editor has the focus then, whatever button was pressed. */
async function beginning<T>(chapter: string, ask: () => Promise<T>): Promise<T> {
  awaited = chapter;
  try {
    return await ask();
  } catch (error) {
    awaited = null;
    throw error;
  }
}

/** Whether a chapter's editor, which is here now, is to have the focus. Once: what comes later takes nobody's focus away. */
export function takesFocus(chapter: string): boolean {
  const takes = awaited === chapter;
  if (takes) awaited = null;
  return takes;
}

export async function write(chapter: string): Promise<void> {
  await beginning(chapter, () => opened().acquire(chapter));
  open(chapter);
}

/** Takes a chapter from this person's other tab. */
export async function moveHere(chapter: string): Promise<void> {
  await beginning(chapter, () => opened().moveHere(chapter));
}

/** Ends somebody else's hold, and writes there or leaves it to whoever waits. */
export async function takeOver(chapter: string, reason: string, take: boolean): Promise<void> {
  const ask = () => opened().forceRelease(chapter, reason, { take });
  await (take ? beginning(chapter, ask) : ask());
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
