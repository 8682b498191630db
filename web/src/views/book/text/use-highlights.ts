import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { pane } from "../../../state/pane";
import { activeThread, draft, placeOf, threads } from "../../../state/threads";
import { paintHighlights, threadAt } from "./highlights";

/** Marks the commented stretches of the text in `root`, and anew when `shown` says that it has changed. What a click does. */
export function useHighlights(root: RefObject<HTMLElement | null>, shown: unknown): (event: MouseEvent) => void {
  const placed = threads.value;
  const active = activeThread.value;
  const anchor = draft.value?.anchor;
  const drafted = anchor ? placeOf(anchor) : undefined;
  useEffect(() => {
    if (!root.current) return undefined;
    return paintHighlights(root.current, placed, active, drafted);
  }, [placed, active, drafted?.start, drafted?.end, shown]);

  return (event) => {
    if (!root.current || !document.getSelection()?.isCollapsed) return;
    const thread = threadAt(root.current, event, placed);
    if (thread === undefined) return;
    activeThread.value = thread;
    pane.value = "comments";
  };
}
