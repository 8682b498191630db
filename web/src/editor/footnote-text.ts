import type { Editor } from "@tiptap/core";
import { baseKeymap, toggleMark } from "@tiptap/pm/commands";
import { keymap } from "@tiptap/pm/keymap";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { EditorState, Selection, type Transaction } from "@tiptap/pm/state";
import { StepMap } from "@tiptap/pm/transform";
import { EditorView } from "@tiptap/pm/view";
import { transformPasted } from "./paste/paste";

/** Marks that a footnote's text can be given, by their keys. */
const MARK_KEYS: Record<string, string> = {
  "Mod-b": "bold",
  "Mod-i": "italic",
  "Mod-u": "underline",
  "Mod-Shift-s": "strike",
  "Mod-.": "superscript",
  "Mod-,": "subscript",
};

export interface FootnoteText {
  /** Takes what the document says of the footnote now. */
  show(node: ProseMirrorNode): void;
  destroy(): void;
}

/** An editor of one footnote's text. It keeps nothing of its own: every step is the chapter's, and so is undoing it. */
export function editFootnote(place: HTMLElement, editor: Editor, posOf: () => number, onDone: () => void): FootnoteText {
  const node = editor.state.doc.nodeAt(posOf());
  if (!node) throw new Error("There is no footnote here.");
  const fromChapter = "fromChapter";
  const done = (): boolean => {
    onDone();
    return true;
  };
  const marks = Object.entries(MARK_KEYS).flatMap(([shortcut, name]) => {
    const type = editor.schema.marks[name];
    return type ? [[shortcut, toggleMark(type)] as const] : [];
  });
  const undo = (): boolean => editor.commands.undo();
  const redo = (): boolean => editor.commands.redo();
  const keys = { "Mod-z": undo, "Mod-y": redo, "Shift-Mod-z": redo, Enter: done, "Mod-Enter": done, Escape: done };

  const view: EditorView = new EditorView(place, {
    state: EditorState.create({
      doc: node,
      selection: Selection.atEnd(node),
      plugins: [keymap({ ...Object.fromEntries(marks), ...keys }), keymap(baseKeymap)],
    }),
    attributes: { role: "textbox", "aria-label": "Text of the footnote", spellcheck: "true" },
    transformPastedHTML: transformPasted,
    dispatchTransaction: (tr: Transaction) => {
      const { state, transactions } = view.state.applyTransaction(tr);
      view.updateState(state);
      if (tr.getMeta(fromChapter) === true) return;
      const outer = editor.state.tr;
      const offset = StepMap.offset(posOf() + 1);
      for (const step of transactions.flatMap(({ steps }) => steps)) {
        const moved = step.map(offset);
        if (moved) outer.step(moved);
      }
      if (outer.docChanged) editor.view.dispatch(outer);
    },
  });
  view.focus();

  return {
    show: (next) => {
      const { state } = view;
      const start = next.content.findDiffStart(state.doc.content);
      const ends = start === null ? null : next.content.findDiffEnd(state.doc.content);
      if (start === null || ends === null) return;
      // Where both ends overlap the start, what is equal would be counted twice.
      const overlap = Math.max(0, start - Math.min(ends.a, ends.b));
      const tr = state.tr.replace(start, ends.b + overlap, next.slice(start, ends.a + overlap));
      view.dispatch(tr.setMeta(fromChapter, true));
    },
    destroy: () => view.destroy(),
  };
}
