/** Who holds and who waits. A change of holder is a release and an acquisition, and the queue outlives both. */
import type { ChapterView, EventFrame, EventOf, HolderView, WaiterView } from "../generated/protocol.js";
import { chapterOf, filtered, holdersOf, Unexplained, withChapter, withEntry, type BookModel } from "./model.js";

export function acquired(model: BookModel, event: EventOf<"lock.acquired">, { at }: EventFrame): BookModel {
  const chapter = chapterOf(model, event.chapter);
  const { holder, token } = event;
  const waiting = waitersOf(model, chapter).filter(({ session }) => session !== holder.session);
  const holders = [...holdersOf(chapter), { holder, token, since_at: at, away: false }];
  const queues = filtered(model.queues, (_, id) => id !== chapter.id);
  return withChapter({ ...model, queues }, heldBy(chapter, holders, waiting));
}

export function released(model: BookModel, event: EventOf<"lock.released">): BookModel {
  const chapter = endOf(model, event.chapter);
  if (chapter === undefined) return model;
  const holders = holdersOf(chapter).filter(({ holder }) => holder.session !== event.session);
  const waiting = waitersOf(model, chapter);
  const left = withChapter(model, heldBy(chapter, holders, waiting));
  return holders.length > 0 || waiting.length === 0 ? left : { ...left, queues: withEntry(left.queues, chapter.id, waiting) };
}

/** The chapter with these holders, who came first in front. */
export function heldBy(chapter: ChapterView, holders: readonly HolderView[], waiting: readonly WaiterView[]): ChapterView {
  const { beside: _, ...rest } = chapter;
  const [first, ...others] = holders;
  if (first === undefined) return { ...rest, lock: null };
  const lock = { ...first, waiting: [...waiting] };
  return others.length === 0 ? { ...rest, lock } : { ...rest, lock, beside: others };
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
  const holders = holdersOf(chapter);
  if (!holders.some(({ holder }) => holder.session === event.session)) {
    throw new Unexplained(`${event.session} does not hold ${chapter.id}`);
  }
  const rehomed = holders.map((held) => (held.holder.session === event.session ? { ...held, token: event.token, away: false } : held));
  return withChapter(model, heldBy(chapter, rehomed, waitersOf(model, chapter)));
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
