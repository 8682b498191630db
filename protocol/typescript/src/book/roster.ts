/** Who is here. Comes as diffs that are not part of the log: a session that is not known is simply not shown. */
import type { Presence, PresenceState } from "../generated/protocol.js";
import type { BookModel } from "./model.js";

export function applyPresence(model: BookModel, { joined, moved, left, count }: Presence): BookModel {
  const entries = new Map(model.roster.map((entry) => [entry.session, entry]));
  for (const session of left) entries.delete(session);
  for (const entry of joined) entries.set(entry.session, entry);
  for (const { session, ...changed } of moved) {
    const entry = entries.get(session);
    if (entry !== undefined) entries.set(session, { ...entry, ...changed });
  }
  const roster = [...entries.values()];
  const states = new Map([...joined, ...moved].flatMap(({ session, state }) => (state ? [[session, state] as const] : [])));
  return { ...holdersSeen(model, states), roster, rosterCount: count };
}

/** Whether a holder is away is said by presence: no event is written for it. */
function holdersSeen(model: BookModel, states: ReadonlyMap<string, PresenceState>): BookModel {
  const changed = model.chapters.some(({ lock }) => lock !== null && states.has(lock.holder.session));
  if (!changed) return model;
  const chapters = model.chapters.map((chapter) => {
    const state = chapter.lock && states.get(chapter.lock.holder.session);
    return chapter.lock && state ? { ...chapter, lock: { ...chapter.lock, away: state === "away" } } : chapter;
  });
  return { ...model, chapters };
}
