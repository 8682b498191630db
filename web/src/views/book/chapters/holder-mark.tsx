import type { LockView } from "quire-client";
import { Avatar } from "../../../components/avatar";
import type { Hold } from "../../../state/book";

/** Who holds the chapter, in initials, and how many wait. The row says the same in words. */
export function HolderMark({ lock, hold }: { lock: LockView; hold: Hold }) {
  const { holder, away, waiting } = lock;
  return (
    <span class={`holder${away ? " away" : ""}`} data-holder={holder.user} aria-hidden="true">
      {hold.kind === "mine" && <span class="holder-you">you</span>}
      {waiting.length > 0 && <span class="waiting-count">+{waiting.length}</span>}
      <Avatar user={holder.user} name={holder.name} initials={holder.initials} away={away} small />
    </span>
  );
}
