import { type ChapterView, holdersOf, type LockView } from "quire-client";
import { Avatar } from "../../../components/avatar";
import type { Hold } from "../../../state/book";

/** Of several holders so many are shown. */
const SHOWN_MAX = 3;

/** Who holds the chapter, in initials, and how many wait. The row says the same in words. */
export function HolderMark({ chapter, lock, hold }: { chapter: ChapterView; lock: LockView; hold: Hold }) {
  const holders = holdersOf(chapter);
  const more = lock.waiting.length + Math.max(holders.length - SHOWN_MAX, 0);
  return (
    <span class={`holder${lock.away ? " away" : ""}`} data-holder={lock.holder.user} aria-hidden="true">
      {hold.kind === "mine" && <span class="holder-you">you</span>}
      {more > 0 && <span class="waiting-count">+{more}</span>}
      {holders.slice(0, SHOWN_MAX).map(({ holder, away }) => (
        <Avatar key={holder.session} user={holder.user} name={holder.name} initials={holder.initials} away={away} small />
      ))}
    </span>
  );
}
