import { effect, signal } from "@preact/signals";
import type { BookView, DraftRow } from "quire-client";
import { applyUpdate, type Doc, Doc as Document } from "yjs";
import { allKeepsakes, dropKeepsake, type Keepsake, replaceKeepsakes } from "../lib/keepsakes";
import { typedIn } from "../lib/typed";
import { book, status, view } from "./book";
import { client, user } from "./session";
import { toast } from "./toasts";
import { unsaved } from "./unsaved";

/**
 * What was typed and is not stored. While it waits, the browser keeps it; when the chapter is lost, the hub keeps it as a
 * draft; and what the hub does not take stays in the browser until its author throws it away.
 */

/** The drafts that the hub keeps of this person in the open book; null: not asked for yet. */
export const drafts = signal<readonly DraftRow[] | null>(null);
/** Keepsakes of the open book that the hub did not take. */
export const stranded = signal<readonly Keepsake[]>([]);
export const draftsShown = signal(false);

/** This tab's name, for as long as it lives. */
const TAB = crypto.randomUUID();
const LOCK = "quire-tab-";
/** Typing is kept this long after it began to wait: mostly the hub is faster. */
const KEEP_MS = 300;

/** Another tab must not take what this one looks after. */
function holdTabLock(): void {
  void navigator.locks?.request(LOCK + TAB, () => new Promise(() => {}));
}

async function livingTabs(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name = "" }) => name.slice(LOCK.length)));
}

const watchedTabs = new Set<string>([TAB]);

/** Looks again when another tab is gone: one that was just closed may still seem to live. */
function deliverWhenGone(tab: string): void {
  if (watchedTabs.has(tab)) return;
  watchedTabs.add(tab);
  void navigator.locks?.request(LOCK + tab, async () => {
    watchedTabs.delete(tab);
    void deliver();
  });
}

/** Looks after what this tab types in a chapter. */
export class Keeper {
  readonly #doc: Doc;
  readonly #chapter: string;
  readonly #book: string;
  readonly #waiting = new Set<Uint8Array>();
  #kept: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bookId: string, chapter: string, doc: Doc) {
    this.#book = bookId;
    this.#chapter = chapter;
    this.#doc = doc;
  }

  typed(update: Uint8Array): void {
    this.#waiting.add(update);
    this.#later();
  }

  stored(update: Uint8Array): void {
    this.#waiting.delete(update);
    if (this.#kept.length > 0) this.#later();
  }

  /** The chapter is not this tab's any more. Answers whether there was anything to keep. */
  lost(): boolean {
    clearTimeout(this.#timer);
    const keepsakes = this.#keepsakes();
    if (keepsakes.length > 0 || this.#kept.length > 0) void hand(this.#kept, keepsakes);
    return keepsakes.length > 0;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const keepsakes = this.#keepsakes();
      const before = this.#kept;
      this.#kept = keepsakes.map(({ id }) => id);
      if (keepsakes.length > 0 || before.length > 0) replaceKeepsakes(before, keepsakes).catch(noBrowserStorage);
    }, KEEP_MS);
  }

  #keepsakes(): Keepsake[] {
    const owner = user.peek()?.id;
    if (owner === undefined || this.#waiting.size === 0) return [];
    const about = { tab: TAB, user: owner, book: this.#book, chapter: this.#chapter, at: Date.now() };
    return typedIn(this.#doc, [...this.#waiting], client.peek()?.limits.update_bytes ?? 0).map((typed) => ({ id: crypto.randomUUID(), ...about, ...typed }));
  }
}

/** A browser without storage keeps nothing over a crash; everything else works. */
function noBrowserStorage(error: unknown): void {
  console.warn("The browser does not keep what is typed:", error);
}

/** Keepsakes of this tab that no writing looks after any more, by id; in memory too, for a browser without storage. */
const orphans = new Map<string, Keepsake>();

async function hand(old: readonly string[], keepsakes: readonly Keepsake[]): Promise<void> {
  for (const keepsake of keepsakes) orphans.set(keepsake.id, keepsake);
  await replaceKeepsakes(old, keepsakes).catch(noBrowserStorage);
  await deliver();
}

let delivering: Promise<void> = Promise.resolve();

/** Gives the hub what nobody looks after, one after another. */
function deliver(): Promise<void> {
  delivering = delivering.then(deliverAll, deliverAll);
  return delivering;
}

async function deliverAll(): Promise<void> {
  const [opening, owner] = [view.peek(), user.peek()?.id];
  if (opening === null || owner === undefined) return;
  const alive = await livingTabs();
  const inBrowser = await allKeepsakes().catch(() => []);
  const left = inBrowser.filter(({ tab, id }) => !alive.has(tab) && !orphans.has(id));
  for (const { tab } of inBrowser) if (alive.has(tab)) deliverWhenGone(tab);
  const mine = [...orphans.values(), ...left].filter((keepsake) => keepsake.user === owner && keepsake.book === opening.id);
  const refused: Keepsake[] = [];
  for (const keepsake of mine) if (!(await delivered(opening, keepsake))) refused.push(keepsake);
  if (view.peek() !== opening) return;
  stranded.value = refused;
  if (mine.length > refused.length || drafts.value === null) await listDrafts();
}

async function delivered(opening: BookView, keepsake: Keepsake): Promise<boolean> {
  const { id, chapter, excerpt, update } = keepsake;
  try {
    await opening.saveDraft({ id, chapter, excerpt, update });
  } catch (error) {
    console.warn("The hub does not keep a draft:", error);
    return false;
  }
  orphans.delete(id);
  await dropKeepsake(id).catch(noBrowserStorage);
  return true;
}

export async function listDrafts(): Promise<void> {
  const opening = view.peek();
  if (opening === null) return;
  const listed = await opening.listDrafts();
  if (view.peek() === opening) drafts.value = listed;
}

/** The document of a draft. */
export async function readDraft(draft: DraftRow): Promise<Doc> {
  const opening = view.peek();
  if (opening === null) throw new Error("The book is closed.");
  return documentOf(await opening.readDraft(draft.id));
}

export function documentOf(update: Uint8Array): Doc {
  const doc = new Document();
  applyUpdate(doc, update);
  return doc;
}

export async function discardDraft(draft: DraftRow): Promise<void> {
  await view.peek()?.discardDraft(draft.id);
  await listDrafts();
}

export async function discardKeepsake(keepsake: Keepsake): Promise<void> {
  orphans.delete(keepsake.id);
  await dropKeepsake(keepsake.id).catch(noBrowserStorage);
  stranded.value = stranded.value.filter(({ id }) => id !== keepsake.id);
}

/** Says that something was typed in vain, once for each loss. */
export function tellOfLoss(chapter: string, why: string): void {
  const title = book.peek()?.chapters.find((entry) => entry.id === chapter)?.title ?? "this chapter";
  const action = { label: "Show drafts", run: () => void (draftsShown.value = true) };
  const text = `Your last words in “${title}” could not be stored there; they are kept as a draft.`;
  toast(text, { tone: "warn", detail: why, action });
}

/** Lists drafts when a book is opened, and delivers what earlier tabs left behind. */
export function followDrafts(): void {
  holdTabLock();
  effect(() => {
    void view.value;
    drafts.value = null;
    stranded.value = [];
  });
  effect(() => {
    // Another connection may take what the last one did not.
    if (view.value !== null && status.value === "live") void deliver();
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved.peek().size > 0) event.preventDefault();
  });
}
