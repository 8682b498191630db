import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { lastDays } from "../../lib/report";
import { Downloads, useCounted } from "./parts";
import { PeriodFields } from "./period-fields";

interface Props<Answer> {
  title: string;
  /** Where it is asked for. */
  of: string;
  onClose: () => void;
  children: (shown: Answer) => ComponentChildren;
}

/** What the hub counts in a period: drawn, in numbers, and to be taken away. */
export function CountedDialog<Answer>({ title, of, onClose, children }: Props<Answer>) {
  const [period, setPeriod] = useState(() => lastDays(30));
  const { shown, error } = useCounted<Answer>(of, period);
  return (
    <Dialog title={title} onClose={onClose} wide>
      <PeriodFields period={period} onChange={setPeriod} />
      <Refused error={error} />
      {shown === null ? error === undefined && <p aria-busy="true">Counting…</p> : children(shown)}
      <Downloads of={of} period={period} formats={["csv", "json"]} />
    </Dialog>
  );
}
