/** The answer to `book.open`, as a state: a snapshot begins one, events continue one. */
import type { OutlineEntry } from "../api.js";
import type { ChapterView, Opened, Snapshot } from "../generated/protocol.js";
import { Unexplained, type BookModel } from "./model.js";
import { apply } from "./reducer.js";

/** The state after opening. Throws `Unexplained` if what was asked for does not continue what there is. */
export function opened(answer: Opened, before: BookModel | null): BookModel {
  const { epoch, seq, role, can, roster, roster_count: rosterCount } = answer;
  const now = { role, can, roster, rosterCount };
  if (answer.snapshot !== undefined) return { ...fromSnapshot(answer.snapshot, before), ...now, position: { epoch, seq } };
  if (before === null) throw new Unexplained("events without a state to apply them to");
  const model = (answer.events ?? []).reduce((model, frame) => {
    const applied = apply(model, frame);
    if (applied.outcome === "gap") throw new Unexplained("events that do not continue the state");
    return applied.outcome === "applied" ? applied.model : model;
  }, before);
  if (model.position.epoch !== epoch || model.position.seq !== seq) throw new Unexplained("events that end too early");
  return { ...model, ...now };
}

function fromSnapshot(snapshot: Snapshot, before: BookModel | null): Omit<BookModel, keyof Opened | "rosterCount" | "position"> {
  return {
    id: snapshot.id,
    title: snapshot.title,
    metadata: snapshot.metadata,
    metadataSeq: snapshot.metadata_seq,
    shelved: snapshot.shelved,
    publishing: snapshot.publishing,
    format: snapshot.format,
    formatSeq: snapshot.format_seq,
    chapters: snapshot.chapters,
    removed: snapshot.removed,
    threads: snapshot.threads ?? null,
    // O-4: what was known before is dropped; the view loads again what was loaded.
    comments: new Map(),
    members: snapshot.members,
    invitations: snapshot.invitations ?? null,
    requests: snapshot.requests ?? null,
    offer: snapshot.offer ?? null,
    withheldEvents: before?.withheldEvents ?? 0,
    unknownEvents: before?.unknownEvents ?? 0,
    queues: new Map(),
  };
}

/** The chapters as a tree. */
export function outlineOf(chapters: readonly ChapterView[]): OutlineEntry[] {
  return chapters
    .filter(({ parent }) => parent === null)
    .map((chapter) => ({ chapter, children: chapters.filter(({ parent }) => parent === chapter.id) }));
}
