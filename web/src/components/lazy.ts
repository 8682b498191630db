import { useEffect, useState } from "preact/hooks";

export type Lazy<T> = { kind: "loading" } | { kind: "failed" } | { kind: "ready"; module: T };

/** A part of the page's code that is loaded once somebody needs it. */
export function lazy<T>(load: () => Promise<T>): () => Lazy<T> {
  let known: Lazy<T> = { kind: "loading" };
  let loading: Promise<void> | undefined;
  return () => {
    const [state, setState] = useState(known);
    useEffect(() => {
      if (known.kind === "ready") return;
      loading ??= load().then(
        (module) => void (known = { kind: "ready", module }),
        () => void (known = { kind: "failed" }),
      );
      void loading.then(() => setState(known));
    }, []);
    return state;
  };
}
