/** Threads: the heads of all, and the comments of those that were loaded. */
import type { Comment, EventFrame, EventOf, Resolved, Thread, ThreadHead } from "../generated/protocol.js";
import { Unexplained, withEntry, type BookModel } from "./model.js";

export function added(model: BookModel, event: EventOf<"comment.added">, { at }: EventFrame): BookModel {
  const { thread: id, comment, chapter, anchor, author, body, mentions } = event;
  const heads = headsOf(model);
  if (heads.some((head) => head.id === id)) throw new Unexplained(`thread ${id} exists`);
  const place = { id, chapter, anchor, resolved: null };
  const first: Comment = { id: comment, author, body, mentions, at, edited_at: null, deleted: false };
  return {
    ...model,
    threads: [...heads, { ...place, count: 1, last_at: at }],
    // It has only this one comment, so it is loaded whole.
    comments: withEntry(model.comments, id, { ...place, comments: [first] }),
  };
}

export function replied(model: BookModel, event: EventOf<"comment.replied">, { at }: EventFrame): BookModel {
  const { thread, comment: id, author, body, mentions } = event;
  const reply: Comment = { id, author, body, mentions, at, edited_at: null, deleted: false };
  const counted = withHead(model, thread, (head) => ({ ...head, count: head.count + 1, last_at: at }));
  return withLoaded(counted, thread, (loaded) => {
    // Threads that were loaded a moment ago may have it already.
    if (loaded.comments.some((comment) => comment.id === id)) return loaded;
    return { ...loaded, comments: [...loaded.comments, reply] };
  });
}

export function edited(model: BookModel, event: EventOf<"comment.edited">, { at }: EventFrame): BookModel {
  const { body, mentions } = event;
  return withComment(model, event, (comment) => ({ ...comment, body, mentions, edited_at: at }));
}

export function deleted(model: BookModel, event: EventOf<"comment.deleted">): BookModel {
  return withComment(model, event, (comment) => ({ ...comment, body: "", mentions: [], deleted: true }));
}

export function resolved(model: BookModel, event: EventOf<"thread.resolved">, { at }: EventFrame): BookModel {
  return settled(model, event.thread, { by: event.person, at });
}

export function reopened(model: BookModel, event: EventOf<"thread.reopened">): BookModel {
  return settled(model, event.thread, null);
}

export function anchored(model: BookModel, { thread, detached }: EventOf<"thread.anchored">): BookModel {
  const changed = withHead(model, thread, (head) => ({ ...head, detached }));
  return withLoaded(changed, thread, (whole) => ({ ...whole, detached }));
}

/** Threads with their comments, as the hub listed them: they join what is loaded. */
export function loaded(model: BookModel, threads: readonly Thread[]): BookModel {
  const known = new Set(model.threads?.map(({ id }) => id));
  const entries = threads.filter(({ id }) => known.has(id)).map((thread) => [thread.id, thread] as const);
  return { ...model, comments: new Map([...model.comments, ...entries]) };
}

function settled(model: BookModel, thread: string, how: Resolved | null): BookModel {
  const changed = withHead(model, thread, (head) => ({ ...head, resolved: how }));
  return withLoaded(changed, thread, (whole) => ({ ...whole, resolved: how }));
}

function headsOf(model: BookModel): readonly ThreadHead[] {
  if (model.threads === null) throw new Unexplained("a comment for somebody who may not read comments");
  return model.threads;
}

function withHead(model: BookModel, thread: string, change: (head: ThreadHead) => ThreadHead): BookModel {
  const heads = headsOf(model);
  if (!heads.some(({ id }) => id === thread)) throw new Unexplained(`no thread ${thread}`);
  return { ...model, threads: heads.map((head) => (head.id === thread ? change(head) : head)) };
}

function withLoaded(model: BookModel, thread: string, change: (thread: Thread) => Thread): BookModel {
  const whole = model.comments.get(thread);
  return whole === undefined ? model : { ...model, comments: withEntry(model.comments, thread, change(whole)) };
}

function withComment(
  model: BookModel,
  { thread, comment: id }: { thread: string; comment: string },
  change: (comment: Comment) => Comment,
): BookModel {
  const checked = withHead(model, thread, (head) => head);
  return withLoaded(checked, thread, (whole) => ({
    ...whole,
    comments: whole.comments.map((comment) => (comment.id === id ? change(comment) : comment)),
  }));
}
