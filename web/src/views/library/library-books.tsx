import { useEffect, useState } from "preact/hooks";
import type { LibraryBookRow } from "quire-client";
import { bookHref } from "../../app/route";
import { Refused } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { LABEL } from "../../lib/permissions";
import { badge, STATE_LABEL, STATES } from "../../lib/publishing";
import { plural } from "../../lib/words";
import { books as own } from "../../state/library";
import { Moderation } from "../book/publishing/moderation";
import { has, library, loadShelf, shelf, shelfQuery } from "../../state/users";
import { AnalyticsDialog } from "../report/analytics-dialog";
import { LibraryReportDialog } from "../report/library-report-dialog";

type Look = "report" | "analytics";

/** What may be looked up about the books together. */
function Looks({ onOpen }: { onOpen: (look: Look) => void }) {
  if (!has("reports") && !has("analytics")) return null;
  return (
    <div class="row">
      {has("reports") && (
        <button type="button" class="button" onClick={() => onOpen("report")}>
          <Icon name="list" size={16} /> Report
        </button>
      )}
      {has("analytics") && (
        <button type="button" class="button" onClick={() => onOpen("analytics")}>
          <Icon name="list" size={16} /> Analytics
        </button>
      )}
    </div>
  );
}

/** The books of the library that I may list, whether I am a member of them or not. */
export function LibraryBooks() {
  const { search, category, state } = shelfQuery.value;
  const narrow = (change: Partial<typeof shelfQuery.value>) => void (shelfQuery.value = { ...shelfQuery.value, ...change });
  useEffect(() => void loadShelf(), [search, category, state]);
  const { rows, total, more, error } = shelf.value;
  const [open, setOpen] = useState<Look | null>(null);
  const filtered = search !== "" || category !== "" || state !== "";
  if (!library.value || (library.value.books === 0 && !filtered)) return null;
  const categories = [...new Set([...rows.flatMap((row) => row.categories), ...(category ? [category] : [])])].sort();
  return (
    <section class="library-books" aria-labelledby="library-books-title">
      <header class="library-head">
        <h2 id="library-books-title">In the library</h2>
        <Looks onOpen={setOpen} />
        <form class="filters" role="search" aria-label="Books of the library" onSubmit={(event) => event.preventDefault()}>
          <input
            type="search"
            aria-label="Search the library"
            placeholder="Search the library"
            value={search}
            onInput={(event) => narrow({ search: event.currentTarget.value })}
          />
          <select
            aria-label="Category"
            value={category}
            onChange={(event) => narrow({ category: event.currentTarget.value })}
          >
            <option value="">All categories</option>
            {categories.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <select aria-label="State" value={state} onChange={(event) => narrow({ state: event.currentTarget.value })}>
            <option value="">Any state</option>
            {STATES.map((name) => (
              <option key={name} value={name}>
                {STATE_LABEL[name]}
              </option>
            ))}
          </select>
        </form>
      </header>
      {open === "report" && has("reports") && <LibraryReportDialog onClose={() => setOpen(null)} />}
      {open === "analytics" && has("analytics") && <AnalyticsDialog onClose={() => setOpen(null)} />}
      <Refused error={error} />
      <p class="quiet small" role="status">
        {total === 0 ? "No book fits." : plural(total, "book")}
      </p>
      <ul class="book-rows" aria-label="Books of the library">
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      {more && (
        <button type="button" class="button" onClick={() => void loadShelf(true)}>
          Show more
        </button>
      )}
    </section>
  );
}

function Row({ row }: { row: LibraryBookRow }) {
  const [open, setOpen] = useState(false);
  const reads = row.may.includes("download") || (own.value?.some((book) => book.id === row.id) ?? false);
  const may = row.may.filter((permission) => permission !== "list").map((permission) => LABEL[permission]);
  return (
    <li class="book-row">
      <div class="grow">
        <p class="book-row-title">{reads ? <a href={bookHref(row.id)}>{row.title}</a> : row.title}</p>
        <p class="quiet small">
          {row.owner ? `by ${row.owner.name}` : "nobody’s yet"}
          {` · ${badge(row.state, row.revision?.state)}`}
          {row.categories.length > 0 && ` · ${row.categories.join(", ")}`}
        </p>
      </div>
      {row.may.includes("publish") && (
        <button type="button" class="button small" aria-label={`Review or publish ${row.title}`} onClick={() => setOpen(true)}>
          Publishing…
        </button>
      )}
      {open && (
        <Dialog title={`Publishing: ${row.title}`} onClose={() => setOpen(false)} wide>
          <p class="quiet">{badge(row.state, row.revision?.state)}</p>
          <Moderation book={row.id} title={row.title} state={row.state} revision={row.revision} onDone={() => setOpen(false)} />
        </Dialog>
      )}
      <span class="quiet small">{may.length > 0 ? may.join(", ") : "Listed only"}</span>
    </li>
  );
}
