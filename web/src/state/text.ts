import { effect, signal } from "@preact/signals";
import type { BookView, TextView } from "quire-client";
import { applyUpdate, Doc, encodeStateAsUpdate, mergeUpdates } from "yjs";
import { messageOf } from "../lib/refusal";
import { cutUpdate, writerOf } from "../lib/updates";
import { book, chapterId, ownHold, view } from "./book";
import { Keeper, tellOfLoss } from "./drafts";
import { connected } from "./session";
import { noteUnsaved } from "./unsaved";

/** The text of the chapter in view. */
export type Text =
  | { kind: "none" }
  | { kind: "loading"; chapter: string }
  /** What it says is in `doc`, which nothing but the hub's updates ever changes. `rev` is 0 while nobody has written. */
  | { kind: "document"; chapter: string; rev: number; doc: Doc; lineage: number | null }
  | { kind: "failed"; chapter: string; message: string };

export const text = signal<Text>({ kind: "none" });

/** Updates come from the hub, not from this tab's editor. */
export const FROM_HUB = "hub";

/** What this tab writes in a chapter while it holds it: one document for the whole hold, whatever is in view. */
interface Writing {
  /** When the hold began: its tokens change with the connection. */
  since: number;
  /** Tells one document from the next of the same hold. */
  number: number;
  doc: Doc;
  view: TextView;
  /** Ends it. Answers whether something was typed that is not stored: it becomes a draft. */
  stop(): boolean;
}

const writings = new Map<string, Writing>();
let lastNumber = 0;
/** The first token of each hold of this tab: the client id of what it writes. */
const began = new Map<string, { since: number; token: number }>();

/** The document that this tab writes in a chapter it holds, beginning with what the chapter says. */
export function writingOf(chapter: string): Writing | null {
  const hold = began.get(chapter);
  const shown = text.value;
  const known = writings.get(chapter);
  if (known && known.since === hold?.since) return known;
  if (!hold || !view.value || shown.kind !== "document" || shown.chapter !== chapter) return null;
  const writing = begin(view.value, chapter, hold, shown.doc);
  writings.set(chapter, writing);
  return writing;
}

function begin(opening: BookView, chapter: string, hold: { since: number; token: number }, from: Doc): Writing {
  const doc = new Doc();
  doc.clientID = hold.token;
  applyUpdate(doc, encodeStateAsUpdate(from), FROM_HUB);
  const keeper = new Keeper(opening.id, chapter, doc);
  const live = opening.openText(chapter, { merge: mergeUpdates });
  const stopStatus = live.onStatus(() => noteUnsaved(chapter, live.unsaved.length));
  const stopChanges = live.subscribe((change) => {
    const updates = change.kind === "update" ? [change.update] : change.updates;
    for (const update of updates) applyUpdate(doc, update, FROM_HUB);
  });
  doc.on("update", (whole: Uint8Array, origin: unknown) => {
    if (origin === FROM_HUB) return;
    // A paste or an undo may be more than the hub takes at once.
    for (const update of cutUpdate(whole, connected().limits.update_bytes)) {
      keeper.typed(update);
      live.write(update).then((rev) => {
        keeper.stored(update);
        stored(chapter, update, rev);
      }, (error) => notStored(chapter, doc, messageOf(error)));
    }
  });
  const stop = (): boolean => {
    const isLost = keeper.lost();
    stopStatus();
    stopChanges();
    live.close();
    noteUnsaved(chapter, 0);
    doc.destroy();
    return isLost;
  };
  lastNumber += 1;
  return { since: hold.since, number: lastNumber, doc, view: live, stop };
}

/** Something of ours is stored, and so is part of what the chapter says to everybody. */
function stored(chapter: string, update: Uint8Array, rev: number): void {
  const shown = text.value;
  if ("chapter" in shown && shown.chapter === chapter) took(chapter, rev, [update], null);
}

/** What was typed and not stored becomes a draft, and the editor begins again with what is stored. */
function notStored(chapter: string, doc: Doc, why: string): void {
  const writing = writings.get(chapter);
  if (writing?.doc === doc) end(chapter, writing, why);
}

function end(chapter: string, writing: Writing, why: string): void {
  writings.delete(chapter);
  if (writing.stop()) tellOfLoss(chapter, why);
  // Shown anew, from what is stored.
  text.value = { ...text.value };
}

/** Takes updates in: into what is shown, or with `afresh` into a document that begins with them. */
function took(chapter: string, rev: number, updates: Uint8Array[], afresh: { lineage: number | null } | null): void {
  const shown = text.value;
  const known = !afresh && shown.kind === "document" && shown.chapter === chapter ? shown : null;
  const doc = known?.doc ?? new Doc();
  for (const update of updates) applyUpdate(doc, update, FROM_HUB);
  const lineage = (known ?? afresh)?.lineage ?? (updates[0] ? writerOf(updates[0]) : null);
  text.value = { kind: "document", chapter, rev, doc, lineage };
}

/** Waits until everything is stored that this tab has written in a chapter. */
export async function textStored(chapter: string): Promise<void> {
  await writings.get(chapter)?.view.flushed();
}

function follow(opening: BookView, chapter: string): () => void {
  text.value = { kind: "loading", chapter };
  const live = opening.openText(chapter, { merge: mergeUpdates });
  const stopStatus = live.onStatus(() => {
    if (live.refusal) text.value = { kind: "failed", chapter, message: live.refusal.message };
  });
  const stopChanges = live.subscribe((change) => {
    if (change.kind === "update") took(chapter, change.rev, [change.update], null);
    else if (change.kind === "missed") took(chapter, change.rev, change.updates, null);
    else took(chapter, change.rev, change.updates, change);
  });
  return () => {
    stopStatus();
    stopChanges();
    live.close();
  };
}

/** Asks again, after a failure. */
export function reloadText(): void {
  reloads.value += 1;
}

const reloads = signal(0);

/** Follows the text of whichever chapter is in view, and what this tab holds. */
export function followText(): void {
  effect(() => {
    const opening = view.value;
    const chapter = chapterId.value;
    void reloads.value;
    if (opening === null || chapter === null) {
      text.value = { kind: "none" };
      return undefined;
    }
    return follow(opening, chapter);
  });
  effect(() => {
    const chapters = book.value?.chapters ?? [];
    const held = new Map(chapters.flatMap((entry) => {
      const own = ownHold(entry);
      return own ? [[entry.id, own] as const] : [];
    }));
    for (const [id, own] of held) {
      if (began.get(id)?.since !== own.since_at) began.set(id, { since: own.since_at, token: own.token });
    }
    for (const id of [...began.keys()]) if (!held.has(id)) began.delete(id);
    for (const [id, writing] of [...writings]) {
      if (began.get(id)?.since !== writing.since) end(id, writing, "The chapter is not yours any more.");
    }
  });
}
