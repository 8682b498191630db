/** The state of a view as the reducers see it. Values only; every change makes new ones. */
import type { BookState } from "../api.js";
import type { By, ChapterView, HolderView, Person, WaiterView } from "../generated/protocol.js";

/** What a view keeps. */
export interface BookModel extends BookState {
  /** Who waits for chapters that nobody holds: between the two events of a change of holder, or while all are away. */
  readonly queues: ReadonlyMap<string, readonly WaiterView[]>;
}

/** An event that this state does not explain: only the hub can say what the book looks like now. */
export class Unexplained extends Error {
  override readonly name = "Unexplained";
}

/** The chapter of that id. */
export function chapterOf(model: BookModel, chapter: string): ChapterView {
  const found = model.chapters.find(({ id }) => id === chapter);
  if (found === undefined) throw new Unexplained(`no chapter ${chapter}`);
  return found;
}

/** Everybody who holds a chapter, who came first in front: one at most, unless it is live. */
export function holdersOf(chapter: ChapterView): readonly HolderView[] {
  if (chapter.lock === null) return [];
  const { waiting: _, ...first } = chapter.lock;
  return [first, ...(chapter.beside ?? [])];
}

/** The model with one chapter replaced. */
export function withChapter(model: BookModel, chapter: ChapterView): BookModel {
  return { ...model, chapters: model.chapters.map((old) => (old.id === chapter.id ? chapter : old)) };
}

/** Who caused an event, by name as far as it is known. */
export function personOf(model: BookModel, by: By): Person {
  if (!("user" in by)) return { user: "", name: "" };
  const known = [...model.members, ...model.roster].find(({ user }) => user === by.user);
  return { user: by.user, name: known?.name ?? by.user };
}

/** A map with one entry set. */
export function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

/** A map without the entries whose key or value is not wanted. */
export function filtered<V>(map: ReadonlyMap<string, V>, keep: (value: V, key: string) => boolean): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key, value]) => keep(value, key)));
}
