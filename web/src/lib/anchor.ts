import type { Anchor } from "quire-client";

/** How much text is kept on either side of a quote, to find it again. */
const CONTEXT_CHARS = 32;

/** A stretch of a text, in UTF-16 units, as the DOM and strings count. */
export interface Span {
  start: number;
  end: number;
}

function scalars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The UTF-16 index at which the `offset`th Unicode scalar value begins. */
function unitsUpTo(text: string, offset: number): number {
  let units = 0;
  let left = offset;
  for (const char of text) {
    if (left-- <= 0) break;
    units += char.length;
  }
  return units;
}

/** A span without the white space at its ends. */
export function trimmed(text: string, span: Span): Span {
  const quote = text.slice(span.start, span.end);
  const start = span.start + (quote.length - quote.trimStart().length);
  return { start, end: Math.max(start, span.end - (quote.length - quote.trimEnd().length)) };
}

/** The anchor of a span, or nothing if it holds no text. The quote is cut to `quote_chars`. */
export function anchorOf(text: string, selected: Span, base: number, quote_chars: number): Anchor | undefined {
  const span = trimmed(text, selected);
  if (span.start === span.end) return undefined;
  return {
    quote: [...text.slice(span.start, span.end)].slice(0, quote_chars).join(""),
    prefix: [...text.slice(0, span.start)].slice(-CONTEXT_CHARS).join(""),
    suffix: [...text.slice(span.end)].slice(0, CONTEXT_CHARS).join(""),
    offset: scalars(text.slice(0, span.start)),
    base,
  };
}

function commonEnd(left: string, right: string): number {
  let count = 0;
  while (count < Math.min(left.length, right.length) && left.at(-1 - count) === right.at(-1 - count)) count += 1;
  return count;
}

function commonStart(left: string, right: string): number {
  let count = 0;
  while (count < Math.min(left.length, right.length) && left[count] === right[count]) count += 1;
  return count;
}

/** A text without its white space: what is laid out otherwise says the same. */
interface Squeezed {
  words: string;
  /** Where each unit of it stands in the text. */
  at: Uint32Array;
}

function squeeze(text: string): Squeezed {
  const at = new Uint32Array(text.length);
  let words = "";
  for (const { 0: run, index } of text.matchAll(/\S+/g)) {
    for (let unit = 0; unit < run.length; unit += 1) at[words.length + unit] = index + unit;
    words += run;
  }
  return { words, at };
}

const words = (text: string): string => text.replace(/\s+/g, "");

let squeezed: { of: string; as: Squeezed } | undefined;

/** Many anchors are looked for in one text. */
function squeezedOnce(text: string): Squeezed {
  if (squeezed?.of !== text) squeezed = { of: text, as: squeeze(text) };
  return squeezed.as;
}

/** Where an anchor's quote stands now: of all places with these words, the one with the best context, then the nearest. */
export function locate(text: string, anchor: Anchor): Span | undefined {
  const quote = words(anchor.quote);
  if (quote === "") return undefined;
  const [prefix, suffix] = [words(anchor.prefix ?? ""), words(anchor.suffix ?? "")];
  const { words: all, at } = squeezedOnce(text);
  const expected = unitsUpTo(text, anchor.offset);
  let best: { from: number; context: number; distance: number } | undefined;
  for (let from = all.indexOf(quote); from >= 0; from = all.indexOf(quote, from + 1)) {
    const to = from + quote.length;
    const context =
      commonEnd(all.slice(Math.max(0, from - prefix.length), from), prefix) +
      commonStart(all.slice(to, to + suffix.length), suffix);
    const distance = Math.abs((at[from] ?? 0) - expected);
    if (!best || context > best.context || (context === best.context && distance < best.distance)) {
      best = { from, context, distance };
    }
  }
  return best && { start: at[best.from] ?? 0, end: (at[best.from + quote.length - 1] ?? 0) + 1 };
}

/** The DOM range of a span within `root`'s text. */
export function rangeOf(root: Node, span: Span): Range | undefined {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let passed = 0;
  let started = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (!started && passed + length > span.start) {
      range.setStart(node, span.start - passed);
      started = true;
    }
    if (started && passed + length >= span.end) {
      range.setEnd(node, span.end - passed);
      return range;
    }
    passed += length;
  }
  return undefined;
}

/** The span of a DOM range within `root`'s text, if it lies inside. */
export function spanOf(root: Node, range: Range): Span | undefined {
  if (!root.contains(range.commonAncestorContainer)) return undefined;
  const before = document.createRange();
  before.selectNodeContents(root);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  return { start, end: start + range.toString().length };
}
