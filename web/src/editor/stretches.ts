import type { Node as ProseMirrorNode } from "@tiptap/pm/model";

/** What is read in one go: the text of a paragraph, or of a footnote. Index i of `text` stands at position `pos` + i. */
export interface Stretch {
  pos: number;
  text: string;
  isFootnote: boolean;
}

/** Stands in a text for what is none, once for each position that it takes. */
export const OBJECT = "\ufffc";

function textOf(child: ProseMirrorNode): string {
  if (child.isText) return child.text ?? "";
  return child.type.name === "hardBreak" ? "\n" : OBJECT.repeat(child.nodeSize);
}

/** The stretches of a paragraph, by positions within it: its own text first, then that of each footnote. */
export function stretchesWithin(block: ProseMirrorNode): Stretch[] {
  const stretches: Stretch[] = [{ pos: 0, text: block.children.map(textOf).join(""), isFootnote: false }];
  block.forEach((child, offset) => {
    if (child.type.name === "footnote") stretches.push({ pos: offset + 1, text: child.textContent, isFootnote: true });
  });
  return stretches;
}

/** Calls back with each paragraph, heading or other block of text, and the position where its content begins. */
export function eachBlock(doc: ProseMirrorNode, call: (block: ProseMirrorNode, pos: number) => void): void {
  doc.descendants((node, pos) => {
    if (node.isTextblock) call(node, pos + 1);
    return !node.isTextblock;
  });
}
