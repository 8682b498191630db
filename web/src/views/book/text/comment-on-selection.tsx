import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Anchor } from "quire-client";
import { Icon } from "../../../components/icon";
import { anchorOf, spanOf } from "../../../lib/anchor";
import { pane } from "../../../state/pane";
import { connected } from "../../../state/session";
import { draft, threadFilter } from "../../../state/threads";

interface Selected {
  anchor: Anchor;
  /** Where the button stands, in the window. */
  left: number;
  top: number;
}

function selectedIn(root: HTMLElement | null, base: number): Selected | undefined {
  const selection = document.getSelection();
  if (!root || !selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const span = spanOf(root, range);
  const anchor = span && anchorOf(root.textContent ?? "", span, base, connected().limits.quote_chars);
  if (!anchor) return undefined;
  const box = range.getBoundingClientRect();
  return {
    anchor,
    left: Math.min(Math.max(box.left + box.width / 2, 70), innerWidth - 70),
    top: box.bottom + 52 > innerHeight ? box.top - 46 : box.bottom + 8,
  };
}

/** A button that appears at a selection. It keeps the selection, so that it can be reached with Tab as well. */
export function CommentOnSelection({ root, base }: { root: RefObject<HTMLDivElement | null>; base: number }) {
  const [selected, setSelected] = useState<Selected>();

  useEffect(() => {
    const update = () => setSelected(selectedIn(root.current, base));
    document.addEventListener("selectionchange", update);
    addEventListener("scroll", update, { capture: true, passive: true });
    return () => {
      document.removeEventListener("selectionchange", update);
      removeEventListener("scroll", update, { capture: true });
    };
  }, [base]);

  if (!selected) return null;
  return (
    <button
      type="button"
      class="button primary selection-button"
      style={{ left: `${selected.left}px`, top: `${selected.top}px` }}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => {
        draft.value = { anchor: selected.anchor };
        threadFilter.value = "open";
        pane.value = "comments";
        document.getSelection()?.removeAllRanges();
      }}
    >
      <Icon name="comment" size={16} /> Comment
    </button>
  );
}
