import { useEffect, useRef, useState } from "preact/hooks";
import type { Doc } from "yjs";
import { editorOf } from "../../../../editor/editor";
import { can } from "../../../../state/book";
import { mayReadComments, shownText } from "../../../../state/threads";
import { CommentOnSelection } from "../comment-on-selection";
import { useHighlights } from "../use-highlights";

interface Props {
  doc: Doc;
  /** The position of the text, for anchors. */
  base: number;
  title: string;
  editable: boolean;
  /** What the editor begins with where the document is empty. */
  seed?: string | null;
  onSeeded?: () => void;
}

/** A chapter's document: to write in, or to watch as it is written. */
export function DocumentView({ doc, base, title, editable, seed = null, onSeeded }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState("");

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const editor = editorOf(element, doc, editable, title);
    const look = (): void => {
      setShown(element.textContent ?? "");
      shownText.value = element.textContent;
    };
    editor.on("update", look);
    if (seed !== null) {
      // Whoever undoes everything is back at what was imported, not at nothing.
      editor.chain().setMeta("addToHistory", false).setContent(seed).run();
      onSeeded?.();
    }
    look();
    return () => {
      editor.destroy();
      shownText.value = null;
    };
  }, [doc, editable]);

  const onClick = useHighlights(root, shown);
  return (
    <>
      <div class={editable ? "prose writing" : "prose"} ref={root} onClick={onClick} />
      {mayReadComments.value && can("comment") && <CommentOnSelection root={root} base={base} />}
    </>
  );
}
