import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Refused, useAction } from "../../components/action";
import { Avatar } from "../../components/avatar";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { type ActivityRow, activity, doer, downloadActivity, type Family, type Filter } from "../../lib/activity";
import { messageOf } from "../../lib/refusal";
import { timeOfDay } from "../../lib/time";
import { byDay } from "../../lib/version-words";

const ALL: Filter = { person: "", kind: "" };

interface Props {
  title: string;
  /** Where the log is asked for. */
  log: string;
  /** What it can be narrowed to. */
  families: readonly Family[];
  /** People who can be chosen before a row names them. */
  known: readonly (readonly [user: string, name: string])[];
  /** What a row says after its name. */
  deed: (row: ActivityRow, name: (user: string) => string) => string;
  onClose: () => void;
}

/** What happened, as its log tells: who did what, when and why. The newest first. */
export function LogDialog({ title, log, families, known, deed, onClose }: Props) {
  const [filter, setFilter] = useState(ALL);
  const { rows, more, error, loading, loadMore } = useRows(log, filter);
  const people = usePeople(rows, known);
  const download = useAction();
  const field = useId();
  const end = useRef(new AbortController());
  useEffect(() => () => end.current.abort(), []);
  return (
    <Dialog title={title} onClose={onClose} wide>
      <div class="activity-head">
        <div class="field grow">
          <label for={`${field}-person`}>Who</label>
          <select id={`${field}-person`} value={filter.person} onChange={(event) => setFilter({ ...filter, person: event.currentTarget.value })}>
            <option value="">Anybody</option>
            {[...people].map(([user, name]) => (
              <option key={user} value={user}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field grow">
          <label for={`${field}-kind`}>What</label>
          <select id={`${field}-kind`} value={filter.kind} onChange={(event) => setFilter({ ...filter, kind: event.currentTarget.value })}>
            <option value="">Everything</option>
            {families.map(({ kind, label }) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <button
          type="button"
          class="button"
          disabled={download.busy}
          onClick={() => download.run(() => downloadActivity(log, filter, end.current.signal))}
        >
          <Icon name="down" size={16} /> Download as CSV
        </button>
      </div>
      <Refused error={download.error} />
      <Rows rows={rows} deed={(row) => deed(row, (user) => people.get(user) ?? "a former member")} />
      <Refused error={error} />
      {more && (
        <div class="row">
          <button type="button" class="button" disabled={loading} onClick={loadMore}>
            Load more
          </button>
        </div>
      )}
    </Dialog>
  );
}

function Rows({ rows, deed }: { rows: readonly ActivityRow[] | null; deed: (row: ActivityRow) => string }) {
  if (rows === null) return <p aria-busy="true">Reading the log…</p>;
  if (rows.length === 0) return <p class="empty">Nothing like that has happened.</p>;
  const days = byDay(rows.map((row) => ({ ...row, kept_at: Date.parse(row.at) })));
  return (
    <div class="activity">
      {days.map((day) => (
        <section key={day.name} aria-label={day.name}>
          <h3 class="section-title">{day.name}</h3>
          <ol>
            {day.versions.map((row) => (
              <li key={row.seq} class="activity-row" data-kind={row.what}>
                {row.who !== null && "id" in row.who ? (
                  <Avatar user={row.who.id} name={doer(row)} small />
                ) : (
                  <span class="activity-hub">
                    <Icon name="info" size={16} />
                  </span>
                )}
                <p class="grow">
                  <strong>{doer(row)}</strong> {deed(row)}
                  {row.note !== undefined && <span class="activity-note">“{row.note}”</span>}
                </p>
                <time class="quiet small" dateTime={row.at}>
                  {timeOfDay(row.kept_at)}
                </time>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

/** Rows of the log as they are asked for; null before the first answer. */
function useRows(log: string, filter: Filter) {
  const [rows, setRows] = useState<readonly ActivityRow[] | null>(null);
  const [more, setMore] = useState(false);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<string>();
  const asking = useRef<AbortController | undefined>(undefined);

  const load = async (known: readonly ActivityRow[]) => {
    asking.current?.abort();
    const mine = new AbortController();
    asking.current = mine;
    setLoading(true);
    setError(undefined);
    try {
      const page = await activity(log, filter, known.at(-1)?.seq, mine.signal);
      setRows([...known, ...page.rows]);
      setMore(page.more);
    } catch (reason) {
      if (!mine.signal.aborted) setError(messageOf(reason));
    }
    if (asking.current === mine) setLoading(false);
  };

  useEffect(() => {
    setRows(null);
    setMore(false);
    void load([]);
    return () => asking.current?.abort();
  }, [log, filter]);
  return { rows, more, error, loading, loadMore: () => void load(rows ?? []) };
}

/** Whom the list can be narrowed to: those who are known, and whoever else was told of. */
function usePeople(rows: readonly ActivityRow[] | null, known: Props["known"]): ReadonlyMap<string, string> {
  const [told, setTold] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const named = (rows ?? []).flatMap(({ who, member }) => [who, member]);
    const found = named.flatMap((entry) => (entry && "id" in entry && entry.name !== null ? [[entry.id, entry.name] as const] : []));
    setTold((before) => new Map([...before, ...found]));
  }, [rows]);
  return new Map([...told, ...known]);
}
