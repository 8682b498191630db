import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Anchor, Relative } from "quire-client";
import { Icon } from "../../../components/icon";
import { anchorOf, type Span, spanOf, trimmed } from "../../../lib/anchor";
import { pane } from "../../../state/pane";
import { connected } from "../../../state/session";
import { draft, threadFilter } from "../../../state/threads";

interface Selected {
  anchor: Anchor;
  /** Where the button stands, in the window. */
  left: number;
  top: number;
}

interface Props {
  root: RefObject<HTMLDivElement | null>;
  /** The position of the text. */
  base: number;
  /** The same stretch by what stands at its ends, where the text is a document. */
  relativeOf?: (span: Span) => Relative | undefined;
}

function selectedIn({ root: { current: root }, base, relativeOf }: Props): Selected | undefined {
  const selection = document.getSelection();
  if (!root || !selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const text = root.textContent ?? "";
  const span = spanOf(root, range);
  const quoted = span && anchorOf(text, span, base, connected().limits.quote_chars);
  if (!quoted) return undefined;
  const relative = relativeOf?.(trimmed(text, span));
  const box = range.getBoundingClientRect();
  return {
    anchor: relative ? { ...quoted, relative } : quoted,
    left: Math.min(Math.max(box.left + box.width / 2, 70), innerWidth - 70),
    top: box.bottom + 52 > innerHeight ? box.top - 46 : box.bottom + 8,
  };
}

/** A button that appears at a selection. It keeps the selection, so that it can be reached with Tab as well. */
export function CommentOnSelection(props: Props) {
  const { base, relativeOf } = props;
  const [selected, setSelected] = useState<Selected>();

  useEffect(() => {
    const update = () => setSelected(selectedIn(props));
    document.addEventListener("selectionchange", update);
    addEventListener("scroll", update, { capture: true, passive: true });
    return () => {
      document.removeEventListener("selectionchange", update);
      removeEventListener("scroll", update, { capture: true });
    };
  }, [base, relativeOf]);

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
