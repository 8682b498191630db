import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Refused, useAction } from "../../../components/action";
import { Bars } from "../../../components/bars";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icon";
import { messageOf } from "../../../lib/refusal";
import { byDay, DAYS_MAX, daysIn, downloadReport, endings, lastDays, type Period, type Report, report, span, type Total, totals } from "../../../lib/report";
import { book } from "../../../state/book";

const HOUR_MS = 3_600_000;
/** Periods that are one press away, in days. */
const USUAL = [7, 30, 90];

const number = new Intl.NumberFormat();

/** Who worked on the book and how much, by day and by person. */
export function ReportDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [period, setPeriod] = useState(() => lastDays(30));
  const { shown, error } = useReport(id, period);
  const download = useAction();
  const end = useRef(new AbortController());
  useEffect(() => () => end.current.abort(), []);
  const take = (format: "csv" | "json") => download.run(() => downloadReport(id, period, format, end.current.signal));
  return (
    <Dialog title="Report" onClose={onClose} wide>
      <PeriodFields period={period} onChange={setPeriod} />
      <Refused error={error} />
      {shown === null ? error === undefined && <p aria-busy="true">Counting…</p> : <Shown shown={shown} />}
      <Refused error={download.error} />
      <div class="row end">
        {(["csv", "json"] as const).map((format) => (
          <button key={format} type="button" class="button" disabled={download.busy} onClick={() => take(format)}>
            <Icon name="down" size={16} /> Download as {format.toUpperCase()}
          </button>
        ))}
      </div>
    </Dialog>
  );
}

function PeriodFields({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const id = useId();
  const isUsual = (days: number) => {
    const usual = lastDays(days);
    return usual.from === period.from && usual.to === period.to;
  };
  // What is typed becomes a period when it is one.
  const [typed, setTyped] = useState(period);
  useEffect(() => setTyped(period), [period]);
  const isPeriod = (days: Period) => daysIn(days) >= 1 && daysIn(days) <= DAYS_MAX;
  const change = (changed: Partial<Period>) => {
    const next = { ...typed, ...changed };
    setTyped(next);
    if (isPeriod(next)) onChange(next);
  };
  return (
    <div class="activity-head">
      <div class="tabs" role="group" aria-label="Period">
        {USUAL.map((days) => (
          <button key={days} type="button" aria-pressed={isUsual(days)} onClick={() => onChange(lastDays(days))}>
            {days} days
          </button>
        ))}
      </div>
      <div class="field grow">
        <label for={`${id}-from`}>From</label>
        <input id={`${id}-from`} type="date" value={typed.from} onChange={(event) => change({ from: event.currentTarget.value })} />
      </div>
      <div class="field grow">
        <label for={`${id}-to`}>To</label>
        <input id={`${id}-to`} type="date" value={typed.to} onChange={(event) => change({ to: event.currentTarget.value })} />
      </div>
      <p class="report-hint small quiet" role="status">
        {isPeriod(typed) ? "" : `A period has 1 to ${DAYS_MAX} days.`}
      </p>
    </div>
  );
}

function Shown({ shown }: { shown: Report }) {
  const members = new Map((book.value?.members ?? []).map(({ user, name }) => [user, name]));
  const people = totals(shown, (user) => members.get(user));
  if (people.length === 0) return <p class="empty">Nobody did anything in these days.</p>;
  return (
    <div class="report">
      <Bars title="Words written" unit="words" bars={byDay(shown, (row) => row.words_added)} />
      <Bars title="Hours held" unit="hours" bars={byDay(shown, (row) => row.held_ms / HOUR_MS)} />
      <People people={people} />
      <Endings people={people} />
      <p class="small quiet">
        Days are those of UTC. Words written are those that came with what somebody wrote since the version before; they are counted when
        that is kept, at the end of a hold or every some minutes.
      </p>
    </div>
  );
}

const COLUMNS: readonly { label: string; of: (total: Total) => string }[] = [
  { label: "Words", of: ({ words_added, words_removed }) => `+${number.format(words_added)} −${number.format(words_removed)}` },
  { label: "Held", of: ({ held_ms }) => span(held_ms) },
  { label: "Holds", of: ({ holds }) => number.format(holds) },
  { label: "Versions", of: ({ versions }) => number.format(versions) },
  { label: "Comments", of: ({ comments }) => number.format(comments) },
  { label: "Settled", of: ({ resolved }) => number.format(resolved) },
  { label: "Chapters", of: ({ chapters_added, chapters_removed }) => `+${chapters_added} −${chapters_removed}` },
  { label: "Tabs", of: ({ tabs }) => number.format(tabs) },
];

function People({ people }: { people: readonly Total[] }) {
  return (
    <div class="report-scroll" role="region" aria-label="By person" tabIndex={0}>
      <table class="report-table">
        <caption class="section-title">By person</caption>
        <thead>
          <tr>
            <th scope="col">Who</th>
            {COLUMNS.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <th scope="row">{person.name}</th>
              {COLUMNS.map(({ label, of }) => (
                <td key={label}>{of(person)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Endings({ people }: { people: readonly Total[] }) {
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

/** The report of a period; null before the first answer. */
function useReport(id: string, period: Period) {
  const [shown, setShown] = useState<Report | null>(null);
  const [error, setError] = useState<string>();
  useEffect(() => {
    const asking = new AbortController();
    setError(undefined);
    report(id, period, asking.signal).then(setShown, (reason: unknown) => {
      if (asking.signal.aborted) return;
      setShown(null);
      setError(messageOf(reason));
    });
    return () => asking.abort();
  }, [id, period]);
  return { shown, error };
}
