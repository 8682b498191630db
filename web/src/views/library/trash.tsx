import { useState } from "preact/hooks";
import type { BookRow } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { fromNow } from "../../lib/time";
import { plural } from "../../lib/words";
import { deleteForever, restoreBook } from "../../state/library";

/** Books that I deleted and can bring back. */
export function Trash({ rows }: { rows: readonly BookRow[] }) {
  return (
    <details class="trash">
      <summary>Trash: {plural(rows.length, "book")}</summary>
      <ul aria-label="Books in the trash">
        {rows.map((row) => (
          <TrashedBook key={row.id} row={row} />
        ))}
      </ul>
    </details>
  );
}

function TrashedBook({ row }: { row: BookRow }) {
  const [deleting, setDeleting] = useState(false);
  const { busy, error, run } = useAction();
  return (
    <li>
      <div class="grow">
        <p>
          <cite>{row.title}</cite>
        </p>
        {row.trashed_until !== undefined && <p class="quiet small">gone for good {fromNow(row.trashed_until)}</p>}
      </div>
      <button type="button" class="button small" disabled={busy} aria-label={`Restore ${row.title}`} onClick={() => run(() => restoreBook(row.id))}>
        Restore
      </button>
      <button type="button" class="button small" aria-label={`Delete ${row.title} for good…`} onClick={() => setDeleting(true)}>
        Delete…
      </button>
      <Refused error={error} />
      {deleting && (
        <ConfirmDialog
          title="Delete the book for good?"
          text={`“${row.title}” will be gone, with its text and comments. This cannot be undone.`}
          action="Delete for good"
          work={() => deleteForever(row.id)}
          onClose={() => setDeleting(false)}
        />
      )}
    </li>
  );
}
