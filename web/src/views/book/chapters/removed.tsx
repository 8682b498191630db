import type { RemovedView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { pointInTime } from "../../../lib/time";
import { book, opened } from "../../../state/book";
import { HistoryButton } from "../history/history-button";

/** Chapters that were removed and can come back. */
export function Removed() {
  const removed = book.value?.removed ?? [];
  if (removed.length === 0) return null;
  return (
    <details class="removed">
      <summary>Removed ({removed.length})</summary>
      <ul>
        {removed.map((entry) => (
          <RemovedRow key={entry.id} entry={entry} />
        ))}
      </ul>
    </details>
  );
}

function RemovedRow({ entry }: { entry: RemovedView }) {
  const { busy, error, run } = useAction();
  return (
    <li>
      <div class="row">
        <div class="grow">
          <p>{entry.title}</p>
          <p class="quiet small">
            by {entry.by.name}, {pointInTime(entry.removed_at)}
          </p>
        </div>
        {entry.kind !== "part" && <HistoryButton chapter={entry.id} title={entry.title} />}
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`Restore ${entry.title}`}
          onClick={() => run(() => opened().restoreChapter(entry.id))}
        >
          Restore
        </button>
      </div>
      <Refused error={error} />
    </li>
  );
}
