import { useEffect, useRef } from "preact/hooks";

/** Gives the focus to what appears because the person asked for it. */
export function useInitialFocus<E extends HTMLElement>() {
  const element = useRef<E>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
