import type { PointRow } from "quire-client";
import { Avatar } from "../../../components/avatar";
import { Icon } from "../../../components/icon";
import { walkRows } from "../../../components/walk";
import { timeOfDay } from "../../../lib/time";
import { byDay, wordCount } from "../../../lib/version-words";
import { plural } from "../../../lib/words";

const walk = walkRows(".version-row");

interface Props {
  /** The newest first; null: not known yet. */
  points: readonly PointRow[] | null;
  /** The point that is shown. */
  shown: number | null;
  onChoose: (point: number) => void;
}

/** The points of a book by day. One of them is in the tab order; arrows walk from it to the others. */
export function PointList({ points, shown, onChoose }: Props) {
  if (points === null) return <p class="empty" aria-busy="true">Looking for what was kept…</p>;
  if (points.length === 0) {
    return (
      <p class="empty">
        Nobody has kept the book yet. Once it is kept, it can be read, compared and downloaded as it was, whatever becomes of it.
      </p>
    );
  }
  return (
    <div class="version-days" onKeyDown={walk}>
      {byDay(points).map((day) => (
        <div key={day.name} role="group" aria-label={day.name}>
          <h3 class="section-title">{day.name}</h3>
          <ol>
            {day.versions.map((row) => (
              <li key={row.point}>
                <button
                  type="button"
                  class="version-row named"
                  data-point={row.point}
                  aria-current={row.point === shown ? "true" : undefined}
                  tabIndex={row.point === shown ? 0 : -1}
                  onClick={() => onChoose(row.point)}
                >
                  <Avatar user={row.by.user} name={row.by.name} small />
                  <span class="grow">
                    <span class="version-title">
                      <Icon name="mark" size={15} />
                      <span class="version-name">{row.label}</span>
                    </span>{" "}
                    <span class="version-by">
                      {timeOfDay(row.kept_at)} · {row.by.name}
                    </span>{" "}
                    <span class="version-words">
                      {plural(row.chapter_count, "chapter")} · {wordCount(row.words)}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  );
}
