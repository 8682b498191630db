/** Who belongs to the book, and who is invited. Invitations are the owner's alone: for others the list is null. */
import type { Action, EventFrame, EventOf, InvitationView, RequestView, Role } from "../generated/protocol.js";
import { relieved } from "./chapters.js";
import type { BookModel } from "./model.js";
import { publicly } from "./publishing.js";

export function invited(model: BookModel, event: EventOf<"member.invited">, { at }: EventFrame): BookModel {
  const { invitation: id, email, role, expires_at } = event;
  const invited = { id, email, role, expires_at, ...waiting(event.mail, at) };
  return withInvitations(model, (all) => [...all.filter((other) => other.id !== id), invited]);
}

export function joined(model: BookModel, { member, invitation }: EventOf<"member.joined">): BookModel {
  const members = [...model.members.filter(({ user }) => user !== member.user), member];
  const joined = withRequests({ ...model, members }, (all) => all.filter(({ person }) => person.user !== member.user));
  return withInvitations(joined, (all) => all.filter(({ id }) => id !== invitation));
}

export function roleChanged(model: BookModel, { user, role }: EventOf<"member.role_changed">): BookModel {
  return { ...model, members: model.members.map((member) => (member.user === user ? { ...member, role } : member)) };
}

export function endSet(before: BookModel, { user, until }: EventOf<"member.end_set">): BookModel {
  const set = ({ until: _, ...member }: BookModel["members"][number]) => (until === null ? member : { ...member, until });
  // Whoever the book is offered to is a member without an end.
  const model = until === null ? before : withoutOfferTo(before, user);
  return { ...model, members: model.members.map((member) => (member.user === user ? set(member) : member)) };
}

export function gone(model: BookModel, { user }: EventOf<"member.removed" | "member.left">): BookModel {
  return relieved({ ...withoutOfferTo(model, user), members: model.members.filter((member) => member.user !== user) }, user);
}

export function requested(model: BookModel, event: EventOf<"access.requested">, { at }: EventFrame): BookModel {
  const { person, email, note } = event;
  return withRequests(model, (all) => [...all.filter((other) => other.person.user !== person.user), { person, email, note, at }]);
}

export function refusedAccess(model: BookModel, { user }: EventOf<"access.refused">): BookModel {
  return withRequests(model, (all) => all.filter(({ person }) => person.user !== user));
}

export function offered(model: BookModel, { to, expires_at }: EventOf<"ownership.offered">): BookModel {
  return { ...model, offer: { to, expires_at } };
}

export function offerEnded(model: BookModel): BookModel {
  return { ...model, offer: null };
}

export function transferred(model: BookModel, { from, to }: EventOf<"ownership.transferred">): BookModel {
  const roles = new Map<string, Role>([
    [from, "author"],
    [to, "owner"],
  ]);
  const members = model.members.map((member) => ({ ...member, role: roles.get(member.user) ?? member.role }));
  return { ...model, members, offer: null };
}

export function invitationGone(
  model: BookModel,
  { invitation }: EventOf<"invitation.revoked" | "invitation.declined">,
): BookModel {
  return withInvitations(model, (all) => all.filter(({ id }) => id !== invitation));
}

export function resent(
  model: BookModel,
  { invitation, expires_at, mail }: EventOf<"invitation.resent">,
  { at }: EventFrame,
): BookModel {
  const renewed = { expires_at, ...waiting(mail, at) };
  return withInvitations(model, (all) => all.map((old) => (old.id === invitation ? { ...old, ...renewed } : old)));
}

export function mailed(
  model: BookModel,
  { invitation, reason }: EventOf<"invitation.mailed">,
  { at }: EventFrame,
): BookModel {
  const mail = reason === undefined ? ({ state: "sent", at } as const) : ({ state: "failed", at, reason } as const);
  return withInvitations(model, (all) => all.map((old) => (old.id === invitation ? { ...old, mail } : old)));
}

/** The letter of an invitation that owes one. */
function waiting(owed: boolean | undefined, at: number): Pick<InvitationView, "mail"> {
  return owed === true ? { mail: { state: "waiting", at } } : {};
}

/** The caller's rights are others now: what they no longer cover goes at once; what they newly cover must be asked for. */
export function masked(model: BookModel, role: Role | null, can: readonly Action[]): BookModel {
  const readsComments = can.includes("comment");
  return {
    ...model,
    role,
    can,
    threads: readsComments ? model.threads : null,
    comments: readsComments ? model.comments : new Map(),
    removed: can.includes("organise") ? model.removed : [],
    invitations: can.includes("manage_members") ? model.invitations : null,
    requests: can.includes("manage_members") ? model.requests : null,
    publishing: can.includes("download") ? model.publishing : publicly(model.publishing),
  };
}

function withRequests(model: BookModel, change: (requests: readonly RequestView[]) => readonly RequestView[]): BookModel {
  return model.requests === null ? model : { ...model, requests: change(model.requests) };
}

function withoutOfferTo(model: BookModel, user: string): BookModel {
  return model.offer?.to.user === user ? { ...model, offer: null } : model;
}

function withInvitations(
  model: BookModel,
  change: (invitations: readonly InvitationView[]) => readonly InvitationView[],
): BookModel {
  return model.invitations === null ? model : { ...model, invitations: change(model.invitations) };
}
