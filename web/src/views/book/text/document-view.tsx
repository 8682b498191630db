import { useEffect, useRef, useState } from "preact/hooks";
import type { Doc } from "yjs";
import { editorOf } from "../../../lib/editor";
import { can } from "../../../state/book";
import { pane } from "../../../state/pane";
import { activeThread, draft, mayReadComments, shownText, threads } from "../../../state/threads";
import { CommentOnSelection } from "./comment-on-selection";
import { paintHighlights, threadAt } from "./highlights";

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
      editor.commands.setContent(seed);
      onSeeded?.();
    }
    look();
    return () => {
      editor.destroy();
      shownText.value = null;
    };
  }, [doc, editable]);

  const placed = threads.value;
  const active = activeThread.value;
  const drafted = draft.value?.anchor ?? null;
  useEffect(() => {
    if (!root.current) return undefined;
    return paintHighlights(root.current, placed, active, drafted);
  }, [placed, active, drafted, shown]);

  const onClick = (event: MouseEvent) => {
    if (!root.current || !document.getSelection()?.isCollapsed) return;
    const thread = threadAt(root.current, event, placed);
    if (thread === undefined) return;
    activeThread.value = thread;
    pane.value = "comments";
  };

  return (
    <>
      <div class={editable ? "prose writing" : "prose"} ref={root} onClick={onClick} />
      {mayReadComments.value && can("comment") && <CommentOnSelection root={root} base={base} />}
    </>
  );
}
