import { Bars } from "../../components/bars";
import { STATE_LABEL } from "../../lib/publishing";
import { type Analytics, LIBRARY_ANALYTICS } from "../../lib/report";
import { plural } from "../../lib/words";
import { CountedDialog } from "./counted-dialog";
import { Explained, Numbers } from "./parts";

const number = new Intl.NumberFormat();

type Category = Analytics["categories"][number] & { id: string };

const CATEGORY_COLUMNS = [
  { label: "Books", of: ({ books }: Category) => number.format(books) },
  { label: "Words", of: ({ words_added, words_removed }: Category) => `+${number.format(words_added)} −${number.format(words_removed)}` },
];

const STATE_COLUMNS = [{ label: "Books", of: ({ books }: { books: number }) => number.format(books) }];

/** How much is done in the library, and by how many. It names nobody. */
export function AnalyticsDialog({ onClose }: { onClose: () => void }) {
  return (
    <CountedDialog<Analytics> title="Analytics" of={LIBRARY_ANALYTICS} onClose={onClose}>
      {(shown) => <Shown shown={shown} />}
    </CountedDialog>
  );
}

function Shown({ shown }: { shown: Analytics }) {
  if (shown.books === 0) return <p class="empty">There is no book in the library that you may list.</p>;
  const bars = (of: (day: Analytics["days"][number]) => number) => shown.days.map((day) => ({ day: day.day, value: of(day) }));
  const states = shown.states.filter(({ books }) => books > 0).map(({ state, books }) => ({ id: state, name: STATE_LABEL[state], books }));
  const categories = shown.categories.map((category) => ({ ...category, id: category.name ?? "", name: category.name ?? "In no category" }));
  return (
    <div class="report">
      <p>
        {plural(shown.books, "book")}; {shown.people === 1 ? "1 person" : `${number.format(shown.people)} people`} worked in them in these
        days. Only books that you may list are counted, and nobody is named.
      </p>
      <Bars title="People at work" unit="people" sums={false} bars={bars(({ people }) => people)} />
      <Bars title="Words written" unit="words" bars={bars(({ words_added }) => words_added)} />
      <Bars title="Comments" unit="comments" bars={bars(({ comments }) => comments)} />
      <Numbers title="Books by state" first="State" rows={states} columns={STATE_COLUMNS} />
      <Numbers title="By category" first="Category" rows={categories} columns={CATEGORY_COLUMNS} />
      <Explained />
    </div>
  );
}
