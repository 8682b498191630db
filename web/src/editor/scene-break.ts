import { type Editor, InputRule, Node } from "@tiptap/core";
import { Fragment, type Node as ProseMirrorNode } from "@tiptap/pm/model";
import { TextSelection, type Transaction } from "@tiptap/pm/state";

/** Three asterisks between two scenes. A rule in a text that comes from elsewhere means the same. */
export const SceneBreak = Node.create({
  name: "sceneBreak",
  group: "block",
  atom: true,
  // Before the plain rule, which is known only for documents that have one, and behind the paragraph, which fills blanks.
  priority: 200,
  parseHTML: () => [{ tag: "hr" }],
  renderHTML: () => ["hr", { class: "scene-break" }],
  addInputRules() {
    return [
      new InputRule({
        find: /^(?:---|—-|___ |\* ?\* ?\*)$/,
        handler: ({ state, range }) => {
          const { tr } = state;
          const $start = tr.doc.resolve(range.from);
          tr.delete(range.from, range.to);
          tr.setSelection(TextSelection.create(tr.doc, $start.pos));
          insertBlock(tr, this.type.create());
        },
      }),
    ];
  },
});

export function insertSceneBreak(editor: Editor): void {
  const { tr, schema } = editor.state;
  insertBlock(tr, schema.node("sceneBreak"));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

/** Puts a block in the selection's place and goes on after it, where there is always a paragraph to write in. */
export function insertBlock(tr: Transaction, block: ProseMirrorNode): number {
  const { $from } = tr.selection;
  const isBlank = $from.parent.type.name === "paragraph" && $from.parent.content.size === 0 && tr.selection.empty;
  if (isBlank && $from.node(-1).canReplaceWith($from.index(-1), $from.indexAfter(-1), block.type)) {
    tr.replaceWith($from.before(), $from.after(), Fragment.from(block));
  } else {
    tr.replaceSelectionWith(block, false);
  }
  let at = -1;
  tr.doc.descendants((node, pos) => {
    if (node === block) at = pos;
    return at < 0;
  });
  if (at < 0) return at;
  const end = at + block.nodeSize;
  const $end = tr.doc.resolve(end);
  if ($end.nodeAfter?.isTextblock !== true) {
    const paragraph = tr.doc.type.schema.node("paragraph");
    if ($end.parent.canReplaceWith($end.index(), $end.index(), paragraph.type)) tr.insert(end, paragraph);
  }
  tr.setSelection(TextSelection.near(tr.doc.resolve(end)));
  return at;
}
