import { type Editor, Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { startStep } from "./history";
import { eachBlock, stretchesWithin } from "./stretches";

export interface Query {
  words: string;
  matchCase: boolean;
}

export interface Match {
  from: number;
  to: number;
  isFootnote: boolean;
}

interface Search {
  query: Query | null;
  matches: readonly Match[];
  /** Index of the match that the person is at; none if there is none. */
  current: number | null;
  marks: DecorationSet;
  /** Matches of blocks that do not change, for this query alone. */
  known: WeakMap<ProseMirrorNode, Match[]>;
}

const NOTHING: Search = { query: null, matches: [], current: null, marks: DecorationSet.empty, known: new WeakMap() };

const key = new PluginKey<Search>("search");

/** What finds the words, however their quotes, apostrophes and blanks are set; none for no words. */
export function patternOf({ words, matchCase }: Query): RegExp | null {
  if (words === "") return null;
  const source = words
    .replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
    .replace(/['\u2018\u2019\u02bc]/g, "['\u2018\u2019\u02bc]")
    .replace(/["\u201c\u201d\u201e\u00ab\u00bb]/g, '["\u201c\u201d\u201e\u00ab\u00bb]')
    .replace(/[ \u00a0\u202f]/g, "[ \u00a0\u202f]");
  return new RegExp(source, matchCase ? "gu" : "giu");
}

function matchesWithin(block: ProseMirrorNode, pattern: RegExp): Match[] {
  const matches = stretchesWithin(block).flatMap(({ pos, text, isFootnote }) =>
    [...text.matchAll(pattern)].map((match) => ({ from: pos + match.index, to: pos + match.index + match[0].length, isFootnote })),
  );
  // A footnote stands within the text that is around it.
  return matches.sort((left, right) => left.from - right.from);
}

function findAll(doc: ProseMirrorNode, query: Query, known: Search["known"]): Match[] {
  const pattern = patternOf(query);
  const found: Match[] = [];
  if (!pattern) return found;
  eachBlock(doc, (block, start) => {
    let matches = known.get(block);
    if (!matches) {
      matches = matchesWithin(block, pattern);
      known.set(block, matches);
    }
    for (const { from, to, isFootnote } of matches) found.push({ from: start + from, to: start + to, isFootnote });
  });
  return found;
}

/** A match within a footnote shows at the footnote's number, for its text is not in the flow. */
function mark(doc: ProseMirrorNode, { from, to, isFootnote }: Match, isCurrent: boolean): Decoration {
  const attributes = { class: isCurrent ? "found current" : "found" };
  if (!isFootnote) return Decoration.inline(from, to, attributes);
  const $from = doc.resolve(from);
  return Decoration.node($from.before(), $from.after(), attributes);
}

function searched(doc: ProseMirrorNode, query: Query, known: Search["known"], near: number): Search {
  const matches = findAll(doc, query, known);
  const next = matches.findIndex(({ from }) => from >= near);
  const current = matches.length === 0 ? null : Math.max(next, 0);
  const marks = matches.map((match, index) => mark(doc, match, index === current));
  return { query, matches, current, marks: DecorationSet.create(doc, marks), known };
}

function after(tr: Transaction, before: Search): Search {
  const asked = tr.getMeta(key) as { query: Query | null } | { at: number } | undefined;
  if (asked && "query" in asked) {
    return asked.query === null ? NOTHING : searched(tr.doc, asked.query, new WeakMap(), tr.selection.from);
  }
  if (before.query === null || (!tr.docChanged && !asked)) return before;
  const at = before.matches[before.current ?? -1]?.from ?? 0;
  return searched(tr.doc, before.query, before.known, asked ? asked.at : tr.mapping.map(at));
}

/** Finds words in the chapter and marks them. The marks are drawn, never written. */
export const Search = Extension.create({
  name: "search",
  addProseMirrorPlugins: () => [
    new Plugin<Search>({
      key,
      state: { init: () => NOTHING, apply: after },
      props: { decorations: (state) => key.getState(state)?.marks },
    }),
  ],
});

export function searchOf(state: EditorState): Search {
  return key.getState(state) ?? NOTHING;
}

/** Looks for something else, from the selection on; for nothing, and the marks go away. */
export function search(view: EditorView, query: Query | null): void {
  view.dispatch(view.state.tr.setMeta(key, { query }));
}

/** Goes to the next match or the one before, around the ends of the text. */
export function step(view: EditorView, by: 1 | -1): void {
  const { matches, current } = searchOf(view.state);
  const match = matches.at(((current ?? 0) + by) % matches.length);
  if (match) view.dispatch(view.state.tr.setMeta(key, { at: match.from }));
}

/** Puts other words in a match's place, in the style of what was there. */
function replaceIn(tr: Transaction, { from, to }: Match, words: string): void {
  const marks = tr.doc.nodeAt(from)?.marks ?? [];
  if (words === "") tr.delete(from, to);
  else tr.replaceWith(from, to, tr.doc.type.schema.text(words, marks));
}

/** Replaces the match that the person is at, and goes on to the one behind it. */
export function replaceOne(editor: Editor, words: string): void {
  const { matches, current } = searchOf(editor.state);
  const match = matches[current ?? -1];
  if (!match) return;
  const { tr } = editor.state;
  replaceIn(tr, match, words);
  startStep(editor.state);
  editor.view.dispatch(tr.setMeta(key, { at: match.from + words.length }));
}

/** Replaces all matches as one step to undo. How many there were. */
export function replaceAll(editor: Editor, words: string): number {
  const { matches } = searchOf(editor.state);
  const { tr } = editor.state;
  // From behind, so that the positions before stay what they are.
  for (const match of matches.toReversed()) replaceIn(tr, match, words);
  startStep(editor.state);
  if (tr.docChanged) editor.view.dispatch(tr);
  startStep(editor.state);
  return matches.length;
}
