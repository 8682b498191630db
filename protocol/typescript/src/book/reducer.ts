/** Applies events to a view's state: pure, in order, every kind in one closed table. */
import type { Event, EventFrame, EventKind, EventOf } from "../generated/protocol.js";
import * as chapters from "./chapters.js";
import * as comments from "./comments.js";
import * as locks from "./locks.js";
import * as members from "./members.js";
import type { BookModel } from "./model.js";
import * as publishing from "./publishing.js";

/** What one kind of event does. */
type Reducer<K extends EventKind> = (model: BookModel, event: EventOf<K>, frame: EventFrame) => BookModel;

const unchanged = (model: BookModel): BookModel => model;

// A kind that is missing here does not compile.
const REDUCERS: { readonly [K in EventKind]: Reducer<K> } = {
  "book.created": (model, { title, metadata, owner }, { seq }) => ({
    ...model,
    title,
    metadata,
    metadataSeq: seq,
    shelved: false,
    publishing: publishing.DRAFT,
    members: owner === null ? [] : [owner],
  }),
  // The view ends by the notice that comes with it; until then it shows what there was.
  "book.deleted": unchanged,
  "book.trashed": unchanged,
  "book.restored": unchanged,
  "book.shelved": (model) => ({ ...model, shelved: true }),
  "book.unshelved": (model) => ({ ...model, shelved: false, publishing: publishing.DRAFT }),
  "metadata.changed": (model, { title, metadata }, { seq }) => ({ ...model, title, metadata, metadataSeq: seq }),
  "format.changed": (model, { format }, { seq }) => ({ ...model, format, formatSeq: seq }),
  // Asked for when somebody looks: it is no part of what a view shows.
  "royalties.changed": unchanged,
  "publish.submitted": publishing.submitted,
  "publish.withdrawn": publishing.withdrawn,
  "publish.changes_requested": publishing.changesRequested,
  "publish.approved": publishing.approved,
  "publish.published": publishing.published,
  "publish.unpublished": publishing.unpublished,
  "chapter.added": chapters.added,
  "chapter.moved": chapters.moved,
  "chapter.renamed": chapters.renamed,
  "chapter.removed": chapters.removed,
  "chapter.restored": chapters.restored,
  "chapter.mode_set": chapters.modeSet,
  "chapter.assigned": chapters.assigned,
  // What a text says now is told with the text.
  "version.restored": unchanged,
  "lock.acquired": locks.acquired,
  "lock.released": locks.released,
  "lock.queued": locks.queued,
  "lock.wait_ended": locks.waitEnded,
  "lock.rehomed": locks.rehomed,
  "lock.wait_rehomed": unchanged,
  "lock.active": unchanged,
  "comment.added": comments.added,
  "comment.replied": comments.replied,
  "comment.edited": comments.edited,
  "comment.deleted": comments.deleted,
  "thread.resolved": comments.resolved,
  "thread.reopened": comments.reopened,
  "thread.anchored": comments.anchored,
  "member.invited": members.invited,
  "member.joined": members.joined,
  "member.role_changed": members.roleChanged,
  "member.end_set": members.endSet,
  "access.requested": members.requested,
  "access.refused": members.refusedAccess,
  "ownership.offered": members.offered,
  "ownership.offer_ended": members.offerEnded,
  "ownership.transferred": members.transferred,
  "member.removed": members.gone,
  "member.left": members.gone,
  "invitation.revoked": members.invitationGone,
  "invitation.resent": members.resent,
  "invitation.declined": members.invitationGone,
  "invitation.mailed": members.mailed,
  withheld: (model) => ({ ...model, withheldEvents: model.withheldEvents + 1 }),
};

/** What became of an event. */
export type Applied =
  /** The state after it. */
  | { readonly outcome: "applied"; readonly model: BookModel }
  /** It was in the state already. */
  | { readonly outcome: "known" }
  /** Events are missing between the state and this one, or it belongs to another life of the log. */
  | { readonly outcome: "gap" };

/** Applies the next event. Throws `Unexplained` if it does not fit the state. */
export function apply(model: BookModel, frame: EventFrame): Applied {
  const { epoch, seq } = model.position;
  if (frame.epoch !== epoch) return { outcome: "gap" };
  if (frame.seq <= seq) return { outcome: "known" };
  if (frame.seq !== seq + 1) return { outcome: "gap" };
  const changed = reduce(model, frame.event, frame);
  return { outcome: "applied", model: { ...changed, position: { epoch, seq: frame.seq } } };
}

function reduce(model: BookModel, event: Event, frame: EventFrame): BookModel {
  // A newer hub may send kinds that this client does not know: counted, never fatal.
  if (!Object.hasOwn(REDUCERS, event.t)) return { ...model, unknownEvents: model.unknownEvents + 1 };
  return (REDUCERS[event.t] as Reducer<EventKind>)(model, event, frame);
}
