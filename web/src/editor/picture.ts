import { type Editor, Node } from "@tiptap/core";
import { type EditorState, NodeSelection, Plugin } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { isPictureId, percentOf, showPicture } from "../lib/pictures";
import { view as opening } from "../state/book";
import { panel } from "./panel";
import { bringPictures, picturesIn, Uploads } from "./uploads";

/** An attribute that other editors write and this one keeps as it is. */
const KEPT = { default: null, rendered: false, parseHTML: () => null };

/** How wide a picture stands in the text, for those who choose. */
export const WIDTHS = [
  { label: "As large as it is", percent: null },
  { label: "Small", percent: 33 },
  { label: "Medium", percent: 66 },
  { label: "Full", percent: 100 },
] as const;

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A picture of the book: the document names it, the bytes lie in the book. What leads elsewhere is not loaded. */
export const Picture = Node.create({
  name: "image",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({
    asset: { default: null, parseHTML: (element) => element.getAttribute("data-asset") },
    alt: { default: null, parseHTML: (element) => element.getAttribute("alt") || null },
    width: { default: null, parseHTML: (element) => percentOf(element.getAttribute("width")) ?? null },
    height: KEPT,
    src: KEPT,
    title: KEPT,
  }),
  parseHTML: () => [
    {
      tag: "img[data-asset]",
      getAttrs: (element) => isPictureId(element.getAttribute("data-asset")) && null,
    },
  ],
  renderHTML: ({ node }) => {
    const { asset, alt } = node.attrs;
    const percent = percentOf(node.attrs["width"]);
    const said = { "data-asset": isPictureId(asset) ? asset : "", alt: textOf(alt) };
    return ["img", percent === undefined ? said : { ...said, width: `${percent}%` }];
  },
  addNodeView() {
    return ({ node, editor }) => {
      const dom = document.createElement("figure");
      dom.className = "picture";
      const image = dom.appendChild(document.createElement("img"));
      const words = dom.appendChild(document.createElement("span"));
      words.className = "no-picture";
      let shown: string | null = null;
      let end = (): void => {};
      const draw = (attributes: Record<string, unknown>): void => {
        const asset = isPictureId(attributes["asset"]) ? attributes["asset"] : null;
        const alt = textOf(attributes["alt"]);
        const percent = percentOf(attributes["width"]);
        image.alt = alt;
        image.style.width = percent === undefined ? "" : `${percent}%`;
        image.hidden = asset === null;
        words.hidden = asset !== null;
        words.textContent = alt === "" ? "[Picture]" : `[Picture: ${alt}]`;
        if (asset === shown) return;
        end();
        shown = asset;
        image.removeAttribute("src");
        image.classList.remove("missing");
        const book = opening.peek()?.id;
        end = asset === null || book === undefined ? () => {} : showPicture(image, book, asset);
      };
      draw(node.attrs);
      if (editor.isEditable) dom.addEventListener("dblclick", () => (panel.value = "picture"));
      return {
        dom,
        update: (next) => {
          if (next.type !== node.type) return false;
          draw(next.attrs);
          return true;
        },
        destroy: () => end(),
        ignoreMutation: () => true,
      };
    };
  },
  addKeyboardShortcuts() {
    return {
      Enter: () => {
        if (!selectedPicture(this.editor.state)) return false;
        panel.value = "picture";
        return true;
      },
    };
  },
  addProseMirrorPlugins() {
    if (!this.editor.isEditable) return [];
    return [
      new Plugin({
        props: {
          handlePaste: (view, event) => takeFrom(view, event.clipboardData, view.state.selection.from),
          handleDrop: (view, event) => {
            // What is dragged within the text is moved, and browsers give a picture along as a file.
            if (view.dragging) return false;
            const at = view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos;
            return takeFrom(view, event.dataTransfer, at ?? view.state.selection.from);
          },
        },
      }),
    ];
  },
  addExtensions: () => [Uploads],
});

/** Takes pictures out of what was pasted or dropped; no: there are none, or they only show what is there as text. */
function takeFrom(view: EditorView, data: DataTransfer | null, at: number): boolean {
  const files = picturesIn(data);
  if (files.length === 0) return false;
  bringPictures(view, files, at);
  return true;
}

/** The picture that is selected. */
export function selectedPicture(state: EditorState): Record<string, unknown> | null {
  const { selection } = state;
  return selection instanceof NodeSelection && selection.node.type.name === "image" ? selection.node.attrs : null;
}

/** Says what is to be seen on the selected picture, and how wide it is. */
export function changePicture(editor: Editor, words: string, percent: number | null): void {
  const { state, view } = editor;
  if (!selectedPicture(state)) return;
  const { from, node } = state.selection as NodeSelection;
  const tr = state.tr.setNodeMarkup(from, undefined, { ...node.attrs, alt: words === "" ? null : words, width: percent });
  view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, from)));
}
