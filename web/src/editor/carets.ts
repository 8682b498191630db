import { type Editor, Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode, ResolvedPos } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { type Place, readPlace } from "../lib/place";
import { type Binding, bindingOf, isFromDocument, toAbsolute, toRelative } from "./binding";
import { footnotesOf } from "./footnote";

/** Where somebody else is in the text. */
export interface Caret {
  session: string;
  name: string;
  /** `#rrggbb` */
  colour: string;
  /** As their presence says it. */
  cursor: string;
}

interface Shown {
  carets: readonly Caret[];
  drawn: DecorationSet;
}

const NOTHING: Shown = { carets: [], drawn: DecorationSet.empty };

const key = new PluginKey<Shown>("carets");

function drawnCaret({ name, colour }: Caret): HTMLElement {
  const caret = document.createElement("span");
  caret.className = "caret";
  caret.dataset["name"] = name;
  caret.setAttribute("aria-hidden", "true");
  caret.style.setProperty("--person", colour);
  return caret;
}

/** The depth of the footnote around a position: its text is not in the flow, only its number is. */
function footnoteDepth($pos: ResolvedPos): number | null {
  for (let depth = $pos.depth; depth > 0; depth -= 1) if ($pos.node(depth).type.name === "footnote") return depth;
  return null;
}

/** A position where something can be drawn: behind the number of a footnote that it is in, else itself. */
function behindNumber(doc: ProseMirrorNode, pos: number): number {
  const $pos = doc.resolve(pos);
  const depth = footnoteDepth($pos);
  return depth === null ? pos : $pos.after(depth);
}

function beforeNumber(doc: ProseMirrorNode, pos: number): number {
  const $pos = doc.resolve(pos);
  const depth = footnoteDepth($pos);
  return depth === null ? pos : $pos.before(depth);
}

function marksOf(doc: ProseMirrorNode, binding: Binding, caret: Caret): Decoration[] {
  const place = readPlace(caret.cursor);
  if (!place) return [];
  const anchor = toAbsolute(binding, place.anchor, doc.content.size);
  const head = toAbsolute(binding, place.head, doc.content.size);
  if (anchor === null || head === null) return [];
  // Another key for another place, so that who moved is named again.
  const widget = Decoration.widget(behindNumber(doc, head), () => drawnCaret(caret), {
    key: `${caret.session} ${caret.name} ${caret.colour} ${caret.cursor}`,
    side: 10,
    ignoreSelection: true,
  });
  if (anchor === head) return [widget];
  const from = beforeNumber(doc, Math.min(anchor, head));
  const to = behindNumber(doc, Math.max(anchor, head));
  return [widget, ...selected(doc, from, to, { class: "caret-selection", style: `--person: ${caret.colour}` })];
}

/** Marks on a stretch of the text, and on the numbers of the footnotes in it. */
function selected(doc: ProseMirrorNode, from: number, to: number, attributes: Record<string, string>): Decoration[] {
  const marks = [Decoration.inline(from, to, attributes)];
  doc.nodesBetween(from, to, (node, pos) => {
    if (node.type.name === "footnote") marks.push(Decoration.node(pos, pos + node.nodeSize, attributes));
    return !node.isInline;
  });
  return marks;
}

function drawn(carets: readonly Caret[], state: EditorState, doc: ProseMirrorNode): Shown {
  const binding = bindingOf(state);
  if (carets.length === 0 || binding === null) return { carets, drawn: DecorationSet.empty };
  return { carets, drawn: DecorationSet.create(doc, carets.flatMap((caret) => marksOf(doc, binding, caret))) };
}

function after(tr: Transaction, before: Shown, state: EditorState): Shown {
  const asked = tr.getMeta(key) as readonly Caret[] | undefined;
  if (asked) return drawn(asked, state, tr.doc);
  if (!tr.docChanged || before.carets.length === 0) return before;
  if (isFromDocument(state)) return drawn(before.carets, state, tr.doc);
  return { carets: before.carets, drawn: before.drawn.map(tr.mapping, tr.doc) };
}

/** Shows where others are in the text. Nothing of it is written. */
export const Carets = Extension.create({
  name: "carets",
  // Behind the binding, whose state it looks at.
  priority: 1,
  addProseMirrorPlugins: () => [
    new Plugin<Shown>({
      key,
      state: { init: () => NOTHING, apply: (tr, before, _old, state) => after(tr, before, state) },
      props: { decorations: (state) => key.getState(state)?.drawn },
    }),
  ],
});

export function showCarets(editor: Editor, carets: readonly Caret[]): void {
  if (editor.isDestroyed) return;
  editor.view.dispatch(editor.state.tr.setMeta(key, carets).setMeta("addToHistory", false));
}

/** Where this editor's own selection is; null where that cannot be told. Whoever edits a footnote is in it. */
export function ownPlace(editor: Editor): Place | null {
  if (editor.isDestroyed) return null;
  const { state } = editor;
  const binding = bindingOf(state);
  if (binding === null) return null;
  const { list, open } = footnotesOf(state);
  const footnote = open === null ? undefined : list[open];
  const { anchor, head } = footnote ? { anchor: footnote.pos + 1, head: footnote.pos + 1 } : state.selection;
  const [from, to] = [toRelative(binding, anchor), toRelative(binding, head)];
  return from && to && { anchor: from, head: to };
}
