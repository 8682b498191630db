import { batch } from "@preact/signals";
import type { Editor } from "@tiptap/core";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Doc } from "yjs";
import { relativeOf, spanOfRelative } from "../../../../editor/anchors";
import { editorOf, focusWhereRead } from "../../../../editor/editor";
import { panel } from "../../../../editor/panel";
import type { Span } from "../../../../lib/anchor";
import { whenIdle } from "../../../../lib/idle";
import { bars } from "../../../../state/bars";
import { can } from "../../../../state/book";
import { findRelative, mayReadComments, shownText } from "../../../../state/threads";
import { takesFocus } from "../../../../state/writing";
import { focusChapter } from "../../chapters/list-state";
import { CommentOnSelection } from "../comment-on-selection";
import { useHighlights } from "../use-highlights";
import { CountLine } from "./counts";
import { FindBar } from "./find-bar";
import { enterFootnote, Footnotes } from "./footnotes";
import { LinkDialog } from "./link-dialog";
import { PictureDialog } from "./picture-dialog";
import { ShortcutsDialog } from "./shortcuts-dialog";
import { Toolbar } from "./toolbar";
import { useCarets } from "./use-carets";

interface Props {
  chapter: string;
  doc: Doc;
  /** The position of the text, for anchors. */
  base: number;
  /** Which document it is, for anchors; null while nothing of it is stored. */
  lineage: number | null;
  title: string;
  editable: boolean;
}

/** A chapter's document: to write in, or to watch as it is written. */
export function DocumentView({ chapter, doc, base, lineage, title, editable }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState("");
  const [editor, setEditor] = useState<Editor>();
  const which = useRef(lineage);
  which.current = lineage;

  // Before the page is drawn: without its text it would be short for a moment, and scroll up.
  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const fresh = editorOf(element, doc, editable, title);
    const look = (): void =>
      batch(() => {
        setShown(element.textContent ?? "");
        shownText.value = element.textContent;
        findRelative.value = (relative) => spanOfRelative(fresh, relative, which.current);
      });
    const idle = whenIdle(look);
    fresh.on("update", idle.ask);
    look();
    if (editable && takesFocus(chapter)) focusWhereRead(fresh);
    setEditor(fresh);
    bars.value = <Bars editor={fresh} />;
    document.addEventListener("keydown", openFind);
    return () => {
      document.removeEventListener("keydown", openFind);
      idle.cancel();
      bars.value = null;
      panel.value = null;
      shownText.value = null;
      findRelative.value = null;
      setEditor(undefined);
      fresh.destroy();
    };
  }, [doc, editable]);

  useCarets(editor);
  const onHighlight = useHighlights(root, shown);
  const relative = useCallback((span: Span) => (editor ? relativeOf(editor, span, which.current) : undefined), [editor]);
  const onClick = (event: MouseEvent) => {
    if (!editor || !enterFootnote(editor, event.target)) onHighlight(event);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Whoever came with the keys goes back with them. The editor knows no use for this one.
    if (editable && event.key === "Escape") focusChapter(chapter);
    if (editor && !editable && event.key === "Enter" && enterFootnote(editor, event.target)) event.preventDefault();
  };
  return (
    <>
      <div class={editable ? "prose writing" : "prose"} ref={root} onClick={onClick} onKeyDown={onKeyDown} />
      {editor && <Footnotes editor={editor} />}
      {editor && editable && <Dialogs editor={editor} />}
      {editor && <CountLine editor={editor} />}
      {mayReadComments.value && can("comment") && <CommentOnSelection root={root} base={base} relativeOf={relative} />}
    </>
  );
}

/** The key that finds in a page finds in the chapter, unless another field has the focus. A second time it is the browser's. */
function openFind(event: KeyboardEvent): void {
  const isKey = event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const isElsewhere = event.target instanceof Element && event.target.closest("input, textarea, dialog") !== null;
  if (!isKey || isElsewhere || event.defaultPrevented) return;
  event.preventDefault();
  panel.value = "find";
}

function Bars({ editor }: { editor: Editor }) {
  if (editor.isDestroyed) return null;
  return (
    <>
      {editor.isEditable && <Toolbar editor={editor} />}
      {panel.value === "find" && <FindBar editor={editor} onClose={() => (panel.value = null)} />}
    </>
  );
}

function Dialogs({ editor }: { editor: Editor }) {
  const close = (): void => void (panel.value = null);
  if (panel.value === "link") return <LinkDialog editor={editor} onClose={close} />;
  if (panel.value === "picture") return <PictureDialog editor={editor} onClose={close} />;
  if (panel.value === "shortcuts") return <ShortcutsDialog onClose={close} />;
  return null;
}
