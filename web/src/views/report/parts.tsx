import { useEffect, useRef, useState } from "preact/hooks";
import { Refused, useAction } from "../../components/action";
import { Bars } from "../../components/bars";
import { Icon } from "../../components/icon";
import { messageOf } from "../../lib/refusal";
import { byDay, counted, downloadCounted, endings, inUnit, type Period, type Report, span, type Total } from "../../lib/report";

const number = new Intl.NumberFormat();

interface Column<Row> {
  label: string;
  of: (row: Row) => string;
}

/** Rows with a name, and their numbers. */
export function Numbers<Row extends { id: string; name: string }>({
  title,
  first,
  rows,
  columns,
}: {
  title: string;
  first: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
}) {
  return (
    <div class="report-scroll" role="region" aria-label={title} tabIndex={0}>
      <table class="report-table">
        <caption class="section-title">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {columns.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              {columns.map(({ label, of }) => (
                <td key={label}>{of(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is told of what somebody did, or of what was done in a book. */
export const COLUMNS: readonly Column<Total>[] = [
  { label: "Words", of: ({ words_added, words_removed }) => `+${number.format(words_added)} −${number.format(words_removed)}` },
  { label: "Held", of: ({ held_ms }) => span(held_ms) },
  { label: "Holds", of: ({ holds }) => number.format(holds) },
  { label: "Versions", of: ({ versions }) => number.format(versions) },
  { label: "Comments", of: ({ comments }) => number.format(comments) },
  { label: "Settled", of: ({ resolved }) => number.format(resolved) },
  { label: "Chapters", of: ({ chapters_added, chapters_removed }) => `+${chapters_added} −${chapters_removed}` },
  { label: "Tabs", of: ({ tabs }) => number.format(tabs) },
];

/** What was written and how long chapters were held, day by day. */
export function Work({ shown }: { shown: Report }) {
  const held = inUnit(byDay(shown, (row) => row.held_ms));
  return (
    <>
      <Bars title="Words written" unit="words" bars={byDay(shown, (row) => row.words_added)} />
      <Bars title={`Time held, in ${held.unit}`} unit={held.unit} bars={held.bars} />
    </>
  );
}

/** How holds ended. */
export function Endings({ people }: { people: readonly Total[] }) {
  const ended = endings(people);
  if (ended.length === 0) return null;
  return (
    <table class="report-table">
      <caption class="section-title">How holds ended</caption>
      <thead>
        <tr>
          <th scope="col">Why</th>
          <th scope="col">How often</th>
        </tr>
      </thead>
      <tbody>
        {ended.map(({ reason, label, count }) => (
          <tr key={reason}>
            <th scope="row">{label}</th>
            <td>{number.format(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is counted in words, under a report. */
export function Explained() {
  return (
    <p class="small quiet">
      Days are those of UTC. Words written are those that came with what somebody wrote since the version before; they are counted when that
      is kept, at the end of a hold or every some minutes.
    </p>
  );
}

/** Takes what is shown away. */
export function Downloads({ of, period, formats }: { of: string; period: Period; formats: readonly ("csv" | "json")[] }) {
  const download = useAction();
  const end = useRef(new AbortController());
  useEffect(() => () => end.current.abort(), []);
  return (
    <>
      <Refused error={download.error} />
      <div class="row end">
        {formats.map((format) => (
          <button
            key={format}
            type="button"
            class="button"
            disabled={download.busy}
            onClick={() => download.run(() => downloadCounted(of, period, format, end.current.signal))}
          >
            <Icon name="down" size={16} /> Download as {format.toUpperCase()}
          </button>
        ))}
      </div>
    </>
  );
}

/** What was counted in a period; null before the first answer. */
export function useCounted<Answer>(of: string, period: Period) {
  const [shown, setShown] = useState<Answer | null>(null);
  const [error, setError] = useState<string>();
  useEffect(() => {
    const asking = new AbortController();
    setError(undefined);
    counted<Answer>(of, period, asking.signal).then(setShown, (reason: unknown) => {
      if (asking.signal.aborted) return;
      setShown(null);
      setError(messageOf(reason));
    });
    return () => asking.abort();
  }, [of, period]);
  return { shown, error };
}
