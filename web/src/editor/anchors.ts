import type { Editor } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { bytesOf, type Relative } from "quire-client";
import {
  type AbstractType,
  createAbsolutePositionFromRelativePosition,
  createRelativePositionFromTypeIndex,
  decodeRelativePosition,
  encodeRelativePosition,
} from "yjs";
import type { Span } from "../lib/anchor";
import { type Binding, bindingOf, toAbsolute, toRelative } from "./binding";

/** A text node of the flow: its text begins at position `pos`, with so much text `before` it. */
interface Piece {
  pos: number;
  before: number;
  length: number;
}

/** The flow of documents that do not change: what is shown, without the text of footnotes. */
const known = new WeakMap<ProseMirrorNode, Piece[]>();

function flowOf(doc: ProseMirrorNode): Piece[] {
  let pieces = known.get(doc);
  if (!pieces) {
    const list: Piece[] = [];
    let before = 0;
    doc.descendants((node, pos) => {
      if (!node.isText) return node.type.name !== "footnote";
      list.push({ pos, before, length: node.nodeSize });
      before += node.nodeSize;
      return false;
    });
    pieces = list;
    known.set(doc, pieces);
  }
  return pieces;
}

/** The last piece for which this holds; it holds for all before the first for which it does not. */
function lastWhere(pieces: readonly Piece[], holds: (piece: Piece) => boolean): Piece | undefined {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle];
    if (piece && holds(piece)) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}

/** How much text goes before a position. */
function textBefore(pieces: readonly Piece[], pos: number): number {
  const piece = lastWhere(pieces, (each) => each.pos <= pos);
  return piece ? piece.before + Math.min(pos - piece.pos, piece.length) : 0;
}

/** The position before the unit of the text with this index. */
function positionOf(pieces: readonly Piece[], index: number): number | null {
  const piece = lastWhere(pieces, (each) => each.before <= index);
  return piece && index < piece.before + piece.length ? piece.pos + index - piece.before : null;
}

/** What stands at a position, on the side that is part of an anchor: 0 behind it, -1 before it. */
function beside(binding: Binding, pos: number, side: 0 | -1): Uint8Array | null {
  const roughly = toRelative(binding, pos);
  const place = roughly && createAbsolutePositionFromRelativePosition(roughly, binding.doc);
  return place && encodeRelativePosition(createRelativePositionFromTypeIndex(place.type, place.index, side));
}

/** A span of the shown text by what stands at its ends; nothing where that cannot be told. */
export function relativeOf(editor: Editor, { start, end }: Span, lineage: number | null): Relative | undefined {
  const binding = editor.isDestroyed ? null : bindingOf(editor.state);
  if (binding === null || lineage === null || start >= end) return undefined;
  const pieces = flowOf(editor.state.doc);
  const [first, last] = [positionOf(pieces, start), positionOf(pieces, end - 1)];
  if (first === null || last === null) return undefined;
  const [from, to] = [beside(binding, first, 0), beside(binding, last + 1, -1)];
  return from && to ? { lineage, start: from, end: to } : undefined;
}

/** It is in the document, and so is everything around it. */
function isThere(type: AbstractType<unknown>): boolean {
  for (let item = type._item; item !== null; item = (item.parent as AbstractType<unknown>)._item) if (item.deleted) return false;
  return true;
}

function found(binding: Binding, encoded: Uint8Array, size: number): number | null {
  try {
    const position = decodeRelativePosition(encoded);
    const place = createAbsolutePositionFromRelativePosition(position, binding.doc);
    return place && isThere(place.type as AbstractType<unknown>) ? toAbsolute(binding, position, size) : null;
  } catch {
    // It comes from somebody else.
    return null;
  }
}

/** Where a stretch of this document is in the text as it is shown now; nothing if it is gone, or of another document. */
export function spanOfRelative(editor: Editor, relative: Relative, lineage: number | null): Span | undefined {
  const binding = editor.isDestroyed ? null : bindingOf(editor.state);
  if (binding === null || relative.lineage !== lineage) return undefined;
  const { doc } = editor.state;
  const from = found(binding, bytesOf(relative.start), doc.content.size);
  const to = found(binding, bytesOf(relative.end), doc.content.size);
  if (from === null || to === null) return undefined;
  const pieces = flowOf(doc);
  const [start, end] = [textBefore(pieces, from), textBefore(pieces, to)];
  return start < end ? { start, end } : undefined;
}
