import { useEffect, useId, useState } from "preact/hooks";
import { DAYS_MAX, daysIn, lastDays, type Period } from "../../lib/report";

/** Periods that are one press away, in days. */
const USUAL = [7, 30, 90];

/** Which days are counted. */
export function PeriodFields({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
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
