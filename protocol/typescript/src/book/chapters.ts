/** What happens to chapters and their order. The list is flat, in reading order: a part is followed by its chapters. */
import type { Assignment, ChapterView, EventFrame, EventOf, RemovedView } from "../generated/protocol.js";
import { chapterOf, filtered, personOf, Unexplained, withChapter, type BookModel } from "./model.js";

export function added(model: BookModel, event: EventOf<"chapter.added">): BookModel {
  const { chapter: id, title, kind, parent, after } = event;
  if (model.chapters.some((chapter) => chapter.id === id)) throw new Unexplained(`chapter ${id} exists`);
  return { ...model, chapters: inserted(model.chapters, [{ id, title, kind, parent, lock: null }], after) };
}

export function moved(model: BookModel, event: EventOf<"chapter.moved">): BookModel {
  const { chapter: id, parent, after } = event;
  const group = [{ ...chapterOf(model, id), parent }, ...model.chapters.filter((chapter) => chapter.parent === id)];
  const rest = model.chapters.filter((chapter) => chapter.id !== id && chapter.parent !== id);
  return { ...model, chapters: inserted(rest, group, after) };
}

export function renamed(model: BookModel, event: EventOf<"chapter.renamed">): BookModel {
  return withChapter(model, { ...chapterOf(model, event.chapter), title: event.title });
}

export function modeSet(model: BookModel, event: EventOf<"chapter.mode_set">): BookModel {
  const { mode: _, ...chapter } = chapterOf(model, event.chapter);
  return withChapter(model, event.mode === "exclusive" ? chapter : { ...chapter, mode: event.mode });
}

export function assigned(model: BookModel, event: EventOf<"chapter.assigned">): BookModel {
  return withChapter(model, task(chapterOf(model, event.chapter), event.assignment));
}

/** Nothing is the task of who is no member any more. */
export function relieved(model: BookModel, user: string): BookModel {
  const relieve = (chapter: ChapterView): ChapterView => (chapter.assignment?.person.user === user ? task(chapter, null) : chapter);
  return { ...model, chapters: model.chapters.map(relieve) };
}

function task({ assignment: _, ...chapter }: ChapterView, assignment: Assignment | null): ChapterView {
  return assignment === null ? chapter : { ...chapter, assignment };
}

export function removed(model: BookModel, event: EventOf<"chapter.removed">, frame: EventFrame): BookModel {
  const { id, title, kind } = chapterOf(model, event.chapter);
  const row: RemovedView = { id, title, kind, removed_at: frame.at, by: event.person ?? personOf(model, frame.by) };
  return {
    ...model,
    chapters: model.chapters.filter((chapter) => chapter.id !== id),
    // Those who may not organise are not told what can be restored.
    removed: model.can.includes("organise") ? [...model.removed, row] : model.removed,
    threads: model.threads?.filter(({ chapter }) => chapter !== id) ?? null,
    comments: filtered(model.comments, ({ chapter }) => chapter !== id),
    queues: filtered(model.queues, (_, chapter) => chapter !== id),
  };
}

export function restored(model: BookModel, event: EventOf<"chapter.restored">): BookModel {
  const row = model.removed.find(({ id }) => id === event.chapter);
  // The event names neither the title nor the threads that come back with the chapter.
  if (row === undefined || model.threads !== null) throw new Unexplained(`what chapter ${event.chapter} was`);
  const { id, title, kind } = row;
  const chapter: ChapterView = { id, title, kind, parent: event.parent, lock: null };
  return {
    ...model,
    chapters: inserted(model.chapters, [chapter], event.after),
    removed: model.removed.filter((other) => other !== row),
  };
}

/** Puts a chapter (a part with its chapters) after a sibling, or first among its siblings. */
function inserted(chapters: readonly ChapterView[], group: readonly ChapterView[], after: string | null): ChapterView[] {
  const parent = group[0]?.parent ?? null;
  const at = after === null ? firstPlace(chapters, parent) : placeAfter(chapters, after);
  return [...chapters.slice(0, at), ...group, ...chapters.slice(at)];
}

function firstPlace(chapters: readonly ChapterView[], parent: string | null): number {
  return parent === null ? 0 : indexOf(chapters, parent) + 1;
}

/** Behind the sibling and, if it is a part, behind its last chapter. */
function placeAfter(chapters: readonly ChapterView[], sibling: string): number {
  const start = indexOf(chapters, sibling);
  const children = chapters.filter(({ parent }) => parent === sibling).length;
  return start + 1 + children;
}

function indexOf(chapters: readonly ChapterView[], chapter: string): number {
  const index = chapters.findIndex(({ id }) => id === chapter);
  if (index < 0) throw new Unexplained(`no chapter ${chapter}`);
  return index;
}
