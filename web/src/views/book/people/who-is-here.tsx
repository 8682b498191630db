import type { RosterEntry } from "quire-client";
import { Avatar } from "../../../components/avatar";
import { book, view } from "../../../state/book";
import { session } from "../../../state/session";
import { open } from "../../../state/writing";

/** As many faces as fit beside the title. */
const FACES_MAX = 5;

const STATE_WORD = { active: "here", idle: "idle", away: "away" } as const;
const STATE_ORDER = { active: 0, idle: 1, away: 2 } as const;

/** One entry per person, in their most present tab; oneself first. */
function people(roster: readonly RosterEntry[], me: string | null): RosterEntry[] {
  const best = new Map<string, RosterEntry>();
  for (const entry of roster) {
    const known = best.get(entry.user);
    if (!known || entry.session === me || (known.session !== me && STATE_ORDER[entry.state] < STATE_ORDER[known.state])) {
      best.set(entry.user, entry);
    }
  }
  return [...best.values()].sort((left, right) => Number(right.session === me) - Number(left.session === me));
}

export function WhoIsHere() {
  const me = session.value;
  const all = people(book.value?.roster ?? [], me);
  const more = all.length - FACES_MAX;
  return (
    <ul class="who" aria-label="Who is here">
      {all.slice(0, more > 0 ? FACES_MAX - 1 : FACES_MAX).map((entry) => (
        <Face key={entry.session} entry={entry} me={entry.session === me} />
      ))}
      {more > 0 && (
        <li class="who-more" title={all.slice(FACES_MAX - 1).map((entry) => entry.name).join(", ")}>
          +{more + 1}
        </li>
      )}
    </ul>
  );
}

/** Who somebody is and where; a click goes there. */
function Face({ entry, me }: { entry: RosterEntry; me: boolean }) {
  const place = entry.chapter === null ? undefined : view.value?.chapter(entry.chapter);
  const words = `${entry.name}${me ? " (you)" : ""}: ${STATE_WORD[entry.state]}${place ? `, in ${place.title}` : ""}`;
  return (
    <li>
      <button type="button" class="face has-tip" onClick={() => place && open(place.id)}>
        <Avatar user={entry.user} name={entry.name} initials={entry.initials} state={entry.state} />
        <span class="sr-only">{words}</span>
        <span class="tip" aria-hidden="true">
          {words}
        </span>
      </button>
    </li>
  );
}
