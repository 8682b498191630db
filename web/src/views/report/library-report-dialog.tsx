import { type BookTotal, bookTotals, LIBRARY_REPORT, type LibraryReport, totals } from "../../lib/report";
import { CountedDialog } from "./counted-dialog";
import { COLUMNS, Endings, Explained, Numbers, Work } from "./parts";

const BOOK_COLUMNS = [{ label: "People", of: ({ people }: BookTotal) => `${people}` }, ...COLUMNS];

/** Who worked on the books of the library and how much, by day, by person and by book. */
export function LibraryReportDialog({ onClose }: { onClose: () => void }) {
  return (
    <CountedDialog<LibraryReport> title="Report on the library" of={LIBRARY_REPORT} onClose={onClose}>
      {(shown) => <Shown shown={shown} />}
    </CountedDialog>
  );
}

function Shown({ shown }: { shown: LibraryReport }) {
  const people = totals(shown, () => undefined);
  if (people.length === 0) return <p class="empty">Nobody did anything in these days, in the books that you may list.</p>;
  return (
    <div class="report">
      <Work shown={shown} />
      <Numbers title="By person" first="Who" rows={people} columns={COLUMNS} />
      <Numbers title="By book" first="Book" rows={bookTotals(shown)} columns={BOOK_COLUMNS} />
      <Endings people={people} />
      <Explained />
    </div>
  );
}
