/** Who holds and who waits. A change of holder is a release and an acquisition, and the queue outlives both. */
import type { ChapterView, EventFrame, EventOf, WaiterView } from "../generated/protocol.js";
import { chapterOf, filtered, Unexplained, withChapter, withEntry, type BookModel } from "./model.js";

export function acquired(model: BookModel, event: EventOf<"lock.acquired">, { at }: EventFrame): BookModel {
  const chapter = chapterOf(model, event.chapter);
  const { holder, token } = event;
  const waiting = waitersOf(model, chapter).filter(({ session }) => session !== holder.session);
  const lock = { holder, token, since_at: at, away: false, waiting };
  const queues = filtered(model.queues, (_, id) => id !== chapter.id);
  return withChapter({ ...model, queues }, { ...chapter, lock });
}

export function released(model: BookModel, event: EventOf<"lock.released">): BookModel {
  const chapter = endOf(model, event.chapter);
  if (chapter === undefined) return model;
  const free = withChapter(model, { ...chapter, lock: null });
  const waiting = waitersOf(model, chapter);
  return waiting.length === 0 ? free : { ...free, queues: withEntry(free.queues, chapter.id, waiting) };
}

export function queued(model: BookModel, event: EventOf<"lock.queued">, { at }: EventFrame): BookModel {
  const chapter = chapterOf(model, event.chapter);
  const { waiter, session, note } = event;
  const others = waitersOf(model, chapter).filter((other) => other.session !== session);
  return withWaiters(model, chapter, [...others, { ...waiter, session, note, asked_at: at }]);
}

export function waitEnded(model: BookModel, event: EventOf<"lock.wait_ended">): BookModel {
  const chapter = endOf(model, event.chapter);
  if (chapter === undefined) return model;
  return withWaiters(model, chapter, waitersOf(model, chapter).filter(({ session }) => session !== event.session));
}

export function rehomed(model: BookModel, event: EventOf<"lock.rehomed">): BookModel {
  const chapter = chapterOf(model, event.chapter);
  if (chapter.lock?.holder.session !== event.session) throw new Unexplained(`${event.session} does not hold ${chapter.id}`);
  return withChapter(model, { ...chapter, lock: { ...chapter.lock, token: event.token, away: false } });
}

function waitersOf(model: BookModel, chapter: ChapterView): readonly WaiterView[] {
  return chapter.lock?.waiting ?? model.queues.get(chapter.id) ?? [];
}

function withWaiters(model: BookModel, chapter: ChapterView, waiting: WaiterView[]): BookModel {
  if (chapter.lock !== null) return withChapter(model, { ...chapter, lock: { ...chapter.lock, waiting } });
  return { ...model, queues: withEntry(model.queues, chapter.id, waiting) };
}

/** Where something ends. A chapter that was removed took its lock and its queue along. */
function endOf(model: BookModel, chapter: string): ChapterView | undefined {
  return model.chapters.find(({ id }) => id === chapter);
}
