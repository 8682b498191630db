import { Editor, type Extensions } from "@tiptap/core";
import Collaboration from "@tiptap/extension-collaboration";
import { Selection } from "@tiptap/pm/state";
import StarterKit from "@tiptap/starter-kit";
import type { Doc } from "yjs";
import { Shortcuts } from "./actions";
import { Align } from "./align";
import { Carets } from "./carets";
import { Footnote } from "./footnote";
import { Link, SmallCaps, Subscript, Superscript } from "./marks";
import { OwnTitle } from "./own-title";
import { CleanPaste } from "./paste/paste";
import { Picture } from "./picture";
import { SceneBreak } from "./scene-break";
import { Search } from "./search";
import { Table, TableCell, TableHeader, TableRow } from "./tables";

/** What a chapter is made of: no names but those that the hub takes. */
export function schemaExtensions(editable: boolean): Extensions {
  return [
    StarterKit.configure({
      // Undoing is the document's: only what this person wrote.
      undoRedo: false,
      trailingNode: false,
      link: false,
    }),
    Align,
    Footnote,
    Link.configure({ openOnClick: !editable, autolink: editable }),
    Picture,
    SceneBreak,
    SmallCaps,
    Subscript,
    Superscript,
    Table,
    TableCell,
    TableHeader,
    TableRow,
  ];
}

/** Pixels at the edges where the cursor would be under the tools, or too close to the end. */
const UNDER_BARS = { top: 210, bottom: 80, left: 0, right: 0 };

/** An editor on a chapter's document. */
export function editorOf(element: HTMLElement, doc: Doc, editable: boolean, label: string): Editor {
  return new Editor({
    element,
    editable,
    // The hub's content security policy allows no style that a script writes into the page.
    injectCSS: false,
    // Whoever writes sees all that is there.
    extensions: [...schemaExtensions(editable), Search, Carets, ...(editable ? [CleanPaste, Shortcuts] : [OwnTitle.configure({ title: label })]), Collaboration.configure({ document: doc, field: "default" })],
    editorProps: {
      scrollThreshold: UNDER_BARS,
      scrollMargin: UNDER_BARS,
      attributes: editable
        ? { role: "textbox", "aria-multiline": "true", "aria-label": label, spellcheck: "true" }
        : { role: "document", "aria-label": label },
    },
  });
}

/** Gives an editor the focus, with the cursor where the page is being read, so that nothing moves. A field that has it keeps it. */
export function focusWhereRead({ view }: Editor): void {
  if (document.activeElement?.closest("input, textarea, select, [contenteditable=true]")) return;
  const { left, top } = view.dom.getBoundingClientRect();
  const place = top < UNDER_BARS.top ? view.posAtCoords({ left: left + 1, top: UNDER_BARS.top }) : null;
  const { doc, tr } = view.state;
  if (place) view.dispatch(tr.setSelection(Selection.near(doc.resolve(place.pos))));
  view.focus();
}
