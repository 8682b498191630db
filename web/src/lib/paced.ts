export interface Paced {
  /** Asks for a run: now, or as soon as the pause since the last one is over. Many asks before it are one. */
  ask(): void;
  cancel(): void;
}

/** Runs something at most once in `pause_ms`, at once where it can be, and always after the last ask. */
export function paced(pause_ms: number, run: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  const go = (): void => {
    isAsked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isAsked) go();
    }, pause_ms);
    run();
  };
  return {
    ask: () => {
      isAsked = true;
      if (timer === undefined) go();
    },
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
      isAsked = false;
    },
  };
}
