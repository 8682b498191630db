/** How a book comes to its readers, event by event. */
import type { EventFrame, EventOf, Person, PublishState, Publishing, Revision, RevisionState, Seq } from "../generated/protocol.js";
import type { BookModel } from "./model.js";

/** A book that nobody submitted. */
export const DRAFT: Publishing = { state: "draft", was_published: false };

function stateOf({ edition, revision, was_published }: Omit<Publishing, "state">): PublishState {
  if (edition !== undefined) return "published";
  return revision?.state ?? (was_published ? "unpublished" : "draft");
}

/** Without what was submitted: that is for those who get the whole text. */
export function publicly({ edition, was_published }: Publishing): Publishing {
  const told = { was_published, ...(edition && { edition }) };
  return { ...told, state: stateOf(told) };
}

function become(model: BookModel, next: Omit<Publishing, "state">): BookModel {
  return { ...model, publishing: { ...next, state: stateOf(next) } };
}

function revised(model: BookModel, revision: Revision | undefined): BookModel {
  const { edition, was_published } = model.publishing;
  return become(model, { was_published, ...(edition && { edition }), ...(revision && { revision }) });
}

function step(state: RevisionState) {
  return (model: BookModel, event: { point: Seq; person: Person; note: string | null }, { at }: EventFrame): BookModel =>
    revised(model, { point: event.point, state, at, by: event.person, note: event.note });
}

export const submitted = step("submitted");
export const changesRequested = step("changes_requested");
export const approved = step("approved");

export function withdrawn(model: BookModel): BookModel {
  return revised(model, undefined);
}

export function published(model: BookModel, event: EventOf<"publish.published">, { at }: EventFrame): BookModel {
  return become(model, { was_published: true, edition: { point: event.point, at, by: event.person } });
}

export function unpublished(model: BookModel): BookModel {
  const { revision, was_published } = model.publishing;
  return become(model, { was_published, ...(revision && { revision }) });
}
