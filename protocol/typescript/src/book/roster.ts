/** Who is here. Comes as diffs that are not part of the log: a session that is not known is simply not shown. */
import type { ChapterView, HolderView, Presence, PresenceState } from "../generated/protocol.js";
import { heldBy } from "./locks.js";
import { holdersOf, type BookModel } from "./model.js";

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
  const isSeen = (chapter: ChapterView): boolean => holdersOf(chapter).some(({ holder }) => states.has(holder.session));
  if (!model.chapters.some(isSeen)) return model;
  const seen = (held: HolderView): HolderView => {
    const state = states.get(held.holder.session);
    return state === undefined ? held : { ...held, away: state === "away" };
  };
  const chapters = model.chapters.map((chapter) =>
    isSeen(chapter) ? heldBy(chapter, holdersOf(chapter).map(seen), chapter.lock?.waiting ?? []) : chapter,
  );
  return { ...model, chapters };
}
