import { bookReport, type Report, totals } from "../../../lib/report";
import { book } from "../../../state/book";
import { CountedDialog } from "../../report/counted-dialog";
import { COLUMNS, Endings, Explained, Numbers, Work } from "../../report/parts";

/** Who worked on the book and how much, by day and by person. */
export function ReportDialog({ id, onClose }: { id: string; onClose: () => void }) {
  return (
    <CountedDialog<Report> title="Report" of={bookReport(id)} onClose={onClose}>
      {(shown) => <Shown shown={shown} />}
    </CountedDialog>
  );
}

function Shown({ shown }: { shown: Report }) {
  const members = new Map((book.value?.members ?? []).map(({ user, name }) => [user, name]));
  const people = totals(shown, (user) => members.get(user));
  if (people.length === 0) return <p class="empty">Nobody did anything in these days.</p>;
  return (
    <div class="report">
      <Work shown={shown} />
      <Numbers title="By person" first="Who" rows={people} columns={COLUMNS} />
      <Endings people={people} />
      <Explained />
    </div>
  );
}
