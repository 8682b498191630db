/** At the latest after this time, however busy the page is. */
const LATEST_MS = 400;
/** Where the browser does not say when it is idle. */
const PAUSE_MS = 120;

export interface Idle {
  /** Asks for one more run. Many asks before it are one. */
  ask(): void;
  cancel(): void;
}

/** Runs something when the browser has nothing better to do. */
export function whenIdle(run: () => void): Idle {
  let cancel: (() => void) | undefined;
  const go = (): void => {
    cancel = undefined;
    run();
  };
  return {
    ask: () => {
      if (cancel) return;
      if (typeof requestIdleCallback === "function") {
        const id = requestIdleCallback(go, { timeout: LATEST_MS });
        cancel = () => cancelIdleCallback(id);
      } else {
        const id = setTimeout(go, PAUSE_MS);
        cancel = () => clearTimeout(id);
      }
    },
    cancel: () => {
      cancel?.();
      cancel = undefined;
    },
  };
}
