import { type Editor, Extension } from "@tiptap/core";

export const ALIGNMENTS = ["left", "center", "right", "justify"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

const ALIGNED = ["paragraph", "heading"];

function parse(element: HTMLElement): Alignment | null {
  const said = element.getAttribute("align");
  return ALIGNMENTS.find((alignment) => alignment === said && alignment !== "left") ?? null;
}

/** How the lines of a paragraph or a heading stand. To the left is how they stand anyway, and is not written down. */
export const Align = Extension.create({
  name: "align",
  addGlobalAttributes: () => [
    {
      types: ALIGNED,
      attributes: {
        textAlign: {
          default: null,
          parseHTML: parse,
          // Not a style: the page's policy would drop it where the text is copied and pasted.
          renderHTML: ({ textAlign }) => (textAlign === null ? {} : { align: textAlign }),
        },
      },
    },
  ],
});

export function align(editor: Editor, alignment: Alignment): void {
  const textAlign = alignment === "left" ? null : alignment;
  const chain = editor.chain().focus();
  for (const type of ALIGNED) chain.updateAttributes(type, { textAlign });
  chain.run();
}

export function isAligned(editor: Editor, alignment: Alignment): boolean {
  const { textAlign } = editor.state.selection.$head.parent.attrs;
  return textAlign !== undefined && (textAlign ?? "left") === alignment;
}
