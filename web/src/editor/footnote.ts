import { type Editor, Node } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { type EditorState, NodeSelection, Plugin, PluginKey, Selection, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { startStep } from "./history";

export interface PlacedFootnote {
  pos: number;
  node: ProseMirrorNode;
}

interface Footnotes {
  /** In the order of the text: the first is number 1. */
  list: readonly PlacedFootnote[];
  /** Index of the one whose text is being edited. */
  open: number | null;
  marks: DecorationSet;
}

const key = new PluginKey<Footnotes>("footnotes");

/** Where footnotes stand in a node that does not change, so that a keystroke looks at one paragraph only. */
const known = new WeakMap<ProseMirrorNode, readonly PlacedFootnote[]>();

function within(node: ProseMirrorNode): readonly PlacedFootnote[] {
  if (node.isLeaf) return [];
  let found = known.get(node);
  if (!found) {
    const list: PlacedFootnote[] = [];
    node.forEach((child, offset) => {
      if (child.type.name === "footnote") list.push({ pos: offset, node: child });
      else for (const { pos, node: footnote } of within(child)) list.push({ pos: offset + 1 + pos, node: footnote });
    });
    found = list;
    known.set(node, found);
  }
  return found;
}

function numbered(doc: ProseMirrorNode, open: number | null): Footnotes {
  const list = within(doc);
  const marks = list.map(({ pos, node }, index) =>
    Decoration.node(pos, pos + node.nodeSize, {
      "data-number": `${index + 1}`,
      "aria-label": `Footnote ${index + 1}`,
      title: node.textContent,
      ...(index === open ? { "data-open": "" } : {}),
    }),
  );
  return { list, open, marks: DecorationSet.create(doc, marks) };
}

/** Which footnote is open after a change. A change that replaces the whole document says nothing of positions. */
function stillOpen(tr: Transaction, before: Footnotes, after: readonly PlacedFootnote[]): number | null {
  const pos = before.open === null ? undefined : before.list[before.open]?.pos;
  if (pos === undefined) return null;
  const mapped = tr.mapping.mapResult(pos);
  if (!mapped.deletedAfter) return indexOf(after, mapped.pos);
  return after.length === before.list.length ? before.open : null;
}

function indexOf(list: readonly PlacedFootnote[], pos: number): number | null {
  const index = list.findIndex((footnote) => footnote.pos === pos);
  return index < 0 ? null : index;
}

function footnotesPlugin(): Plugin<Footnotes> {
  return new Plugin<Footnotes>({
    key,
    state: {
      init: (_config, { doc }) => numbered(doc, null),
      apply: (tr, before) => {
        const asked = tr.getMeta(key) as { pos: number | null } | undefined;
        if (!tr.docChanged && asked === undefined) return before;
        const after = within(tr.doc);
        if (asked !== undefined) return numbered(tr.doc, asked.pos === null ? null : indexOf(after, asked.pos));
        return numbered(tr.doc, stillOpen(tr, before, after));
      },
    },
    props: {
      decorations: (state) => key.getState(state)?.marks,
    },
  });
}

/** A note at the foot of the chapter. In the text stands its number, which nobody writes. */
export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  content: "text*",
  parseHTML: () => [{ tag: "span[data-footnote]" }],
  renderHTML: () => ["span", { "data-footnote": "" }, 0],
  addNodeView() {
    return ({ node, editor }) => {
      const dom = document.createElement("span");
      dom.className = "footnote-mark";
      dom.setAttribute("role", editor.isEditable ? "button" : "link");
      if (!editor.isEditable) dom.tabIndex = 0;
      return { dom, update: (next) => next.type === node.type, ignoreMutation: () => true };
    };
  },
  addKeyboardShortcuts() {
    return {
      Enter: () => {
        const { selection } = this.editor.state;
        if (!(selection instanceof NodeSelection) || selection.node.type !== this.type) return false;
        openFootnote(this.editor.view, selection.from);
        return true;
      },
    };
  },
  addProseMirrorPlugins: () => [footnotesPlugin()],
});

export function footnotesOf(state: EditorState): Footnotes {
  return key.getState(state) ?? { list: [], open: null, marks: DecorationSet.empty };
}

/** Opens the footnote at a position to edit its text, or closes whichever is open. An empty one goes when it is closed. */
export function openFootnote(view: EditorView, pos: number | null): void {
  const { list, open } = footnotesOf(view.state);
  const { tr } = view.state;
  const left = open === null ? undefined : list[open];
  if (left && left.pos !== pos && left.node.content.size === 0) tr.delete(left.pos, left.pos + left.node.nodeSize);
  tr.setMeta(key, { pos: pos === null ? null : tr.mapping.map(pos) });
  startStep(view.state);
  view.dispatch(tr);
}

/** A new footnote behind the selection, open to be written. */
export function insertFootnote(editor: Editor): void {
  const { tr, schema, selection } = editor.state;
  const at = selection.to;
  tr.insert(at, schema.node("footnote"));
  const pos = tr.mapping.map(at, -1);
  tr.setSelection(Selection.near(tr.doc.resolve(pos + 2)));
  editor.view.dispatch(tr.setMeta(key, { pos }));
}

export function mayInsertFootnote(editor: Editor): boolean {
  const { $to } = editor.state.selection;
  const type = editor.schema.nodes["footnote"];
  return type !== undefined && $to.parent.inlineContent && $to.parent.canReplaceWith($to.index(), $to.index(), type);
}
