import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../lib/refusal";

export interface Action {
  busy: boolean;
  /** The refusal's sentence, to be shown beside the control. */
  error: string | undefined;
  run: (work: () => Promise<unknown>, then?: () => void) => void;
  clear: () => void;
}

/** What a control needs to ask the hub for something: it waits, and it shows why not. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const mounted = useRef(true);
  useEffect(() => () => void (mounted.current = false), []);

  const run: Action["run"] = async (work, then) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
      if (mounted.current) then?.();
    } catch (reason) {
      if (mounted.current) setError(messageOf(reason));
    } finally {
      if (mounted.current) setBusy(false);
    }
  };

  return { busy, error, run, clear: () => setError(undefined) };
}

/** A refusal beside the control it answers. */
export function Refused({ error }: { error: string | undefined }): JSX.Element | null {
  return error === undefined ? null : (
    <p class="refusal" role="alert">
      {error}
    </p>
  );
}
