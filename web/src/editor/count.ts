import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { eachBlock, OBJECT, stretchesWithin } from "./stretches";

export interface Count {
  words: number;
  /** Unicode scalar values, blanks included, line breaks not. */
  characters: number;
}

/** Scripts that set no blanks between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

let segmenter: Intl.Segmenter | undefined;

function unspacedWords(text: string): number {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) count += 1;
  return count;
}

/** A word is what stands between blanks or dashes and has a letter or a figure: “well-known” is one, “—” is none. */
export function countText(text: string): Count {
  let words = 0;
  for (const part of text.split(/[\s\u2013\u2014\u2026]+/)) {
    if (UNSPACED.test(part)) words += unspacedWords(part);
    else if (/[\p{L}\p{N}]/u.test(part)) words += 1;
  }
  let characters = 0;
  for (const character of text) if (character !== "\n" && character !== OBJECT) characters += 1;
  return { words, characters };
}

function sum(counts: Iterable<Count>): Count {
  let [words, characters] = [0, 0];
  for (const count of counts) {
    words += count.words;
    characters += count.characters;
  }
  return { words, characters };
}

/** Counts of nodes that do not change: after a keystroke one paragraph is counted anew. */
const known = new WeakMap<ProseMirrorNode, Count>();

/** Words and characters of a document, its footnotes included. */
export function countNode(node: ProseMirrorNode): Count {
  let count = known.get(node);
  if (!count) {
    const counts = node.isTextblock ? stretchesWithin(node).map(({ text }) => countText(text)) : node.children.map(countNode);
    count = sum(counts);
    known.set(node, count);
  }
  return count;
}

/** Words and characters between two positions; a footnote counts where its number is between them. */
export function countBetween(doc: ProseMirrorNode, from: number, to: number): Count {
  const counts: Count[] = [];
  eachBlock(doc.cut(from, to), (block) => void counts.push(countNode(block)));
  return sum(counts);
}
