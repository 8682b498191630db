import { type Editor, Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPluginKey } from "@tiptap/y-tiptap";
import { type Place, readPlace } from "../lib/place";

/** Where somebody else is in the text. */
export interface Caret {
  name: string;
  /** `#rrggbb` */
  colour: string;
  /** As their presence says it. */
  cursor: string;
}

interface Binding {
  doc: Parameters<typeof relativePositionToAbsolutePosition>[0];
  type: Parameters<typeof relativePositionToAbsolutePosition>[1];
  mapping: Parameters<typeof relativePositionToAbsolutePosition>[3];
}

const key = new PluginKey<readonly Caret[]>("carets");

function bindingOf(state: EditorState): Binding | null {
  return (ySyncPluginKey.getState(state) as { binding: Binding | null } | undefined)?.binding ?? null;
}

function drawnCaret({ name, colour }: Caret): HTMLElement {
  const caret = document.createElement("span");
  caret.className = "caret";
  caret.dataset["name"] = name;
  caret.setAttribute("aria-hidden", "true");
  caret.style.setProperty("--person", colour);
  return caret;
}

function decorations(state: EditorState): DecorationSet {
  const carets = key.getState(state) ?? [];
  const binding = bindingOf(state);
  if (carets.length === 0 || binding === null) return DecorationSet.empty;
  const at = (position: Place["head"]): number | null => {
    try {
      const found = relativePositionToAbsolutePosition(binding.doc, binding.type, position, binding.mapping);
      return found === null ? null : Math.min(found, state.doc.content.size);
    } catch {
      // Somebody's presence may name what is no place in a text.
      return null;
    }
  };
  const drawn = carets.flatMap((caret) => {
    const place = readPlace(caret.cursor);
    const [anchor, head] = place ? [at(place.anchor), at(place.head)] : [null, null];
    if (anchor === null || head === null) return [];
    const mark = Decoration.widget(head, () => drawnCaret(caret), { key: `${caret.name} ${caret.colour}`, side: 10 });
    if (anchor === head) return [mark];
    return [mark, Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), { class: "selected-by-holder" })];
  });
  return DecorationSet.create(state.doc, drawn);
}

/** Shows where others are in the text. Nothing of it is written. */
export const Carets = Extension.create({
  name: "carets",
  addProseMirrorPlugins: () => [
    new Plugin<readonly Caret[]>({
      key,
      state: {
        init: () => [],
        apply: (tr, before) => (tr.getMeta(key) as readonly Caret[] | undefined) ?? before,
      },
      props: { decorations },
    }),
  ],
});

export function showCarets(editor: Editor, carets: readonly Caret[]): void {
  editor.view.dispatch(editor.state.tr.setMeta(key, carets));
}

/** Where this editor's own selection is; null where that cannot be told. */
export function ownPlace(editor: Editor): Place | null {
  const binding = bindingOf(editor.state);
  if (binding === null) return null;
  const { anchor, head } = editor.state.selection;
  const relative = (position: number): Place["head"] => absolutePositionToRelativePosition(position, binding.type, binding.mapping);
  return { anchor: relative(anchor), head: relative(head) };
}
