import { useLayoutEffect, useRef } from "preact/hooks";

/** Gives the focus to what appears because the person asked for it: at once, since the next key may be on its way. */
export function useInitialFocus<E extends HTMLElement>() {
  const element = useRef<E>(null);
  useLayoutEffect(() => element.current?.focus(), []);
  return element;
}
