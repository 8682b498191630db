// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Doc } from "yjs";
import { countBetween, countNode, countText } from "../src/editor/count";
import { editorOf } from "../src/editor/editor";
import { patternOf, replaceAll, replaceOne, search, searchOf, step } from "../src/editor/search";
import { whenIdle } from "../src/lib/idle";

let editor: Editor;

beforeEach(() => {
  editor = editorOf(document.body.appendChild(document.createElement("div")), new Doc(), true, "Dawn");
});

afterEach(() => editor.destroy());

const NOTE = '<span data-footnote="">a rose, she said</span>';

describe("counting", () => {
  it("takes words as people do", () => {
    expect(countText("A well-known “truth” — isn’t it? 42.")).toEqual({ words: 6, characters: 36 });
    expect(countText("one…two")).toEqual({ words: 2, characters: 7 });
    expect(countText(" \n — ! ")).toEqual({ words: 0, characters: 6 });
    expect(countText("🌹")).toEqual({ words: 0, characters: 1 });
    expect(countText("吾輩は猫である").words).toBeGreaterThan(2);
  });

  it("takes a chapter with its footnotes, which touch no word", () => {
    editor.commands.setContent(`<h2>The rose</h2><p>A rose${NOTE} is<br>red.</p><ul><li><p>One</p></li></ul>`);
    expect(countNode(editor.state.doc).words).toBe(2 + 4 + 4 + 1);
    expect(countNode(editor.state.doc).characters).toBe(8 + 13 + 16 + 3);
  });

  it("takes what is selected", () => {
    editor.commands.setContent("<p>One two</p><p>three four</p>");
    expect(countBetween(editor.state.doc, 5, 15)).toEqual({ words: 2, characters: 8 });
  });

  it("looks at no paragraph twice", () => {
    editor.commands.setContent("<p>One</p><p>Two</p>");
    countNode(editor.state.doc);
    const spy = vi.spyOn(String.prototype, "split");
    editor.view.dispatch(editor.state.tr.insertText("!", 4));
    spy.mockClear();
    countNode(editor.state.doc);
    expect(spy.mock.contexts).toEqual(["One!"]);
    spy.mockRestore();
  });
});

describe("finding", () => {
  const found = () => searchOf(editor.state).matches.map(({ from, to }) => editor.state.doc.textBetween(from, to));

  it("finds words whatever their case, or as they are", () => {
    editor.commands.setContent("<p>Rose, rose.</p><p>ROSE</p>");
    search(editor.view, { words: "rose", matchCase: false });
    expect(found()).toEqual(["Rose", "rose", "ROSE"]);
    search(editor.view, { words: "rose", matchCase: true });
    expect(found()).toEqual(["rose"]);
    search(editor.view, { words: "", matchCase: false });
    expect(found()).toEqual([]);
  });

  it("takes no character for a pattern, and every quote for any other", () => {
    expect(patternOf({ words: "a.*(b)", matchCase: true })?.test("a.*(b)")).toBe(true);
    expect(patternOf({ words: "a.*(b)", matchCase: true })?.test("axx(b)")).toBe(false);
    expect(patternOf({ words: "isn't it", matchCase: true })?.test("isn’t\u00a0it")).toBe(true);
    expect(patternOf({ words: '"it"', matchCase: true })?.test("“it”")).toBe(true);
  });

  it("finds across marks and in footnotes, at the right places", () => {
    editor.commands.setContent(`<p>a r<em>os</em>e${NOTE} a rose</p>`);
    search(editor.view, { words: "a rose", matchCase: false });
    expect(found()).toEqual(["a rose", "a rose", "a rose"]);
    expect(searchOf(editor.state).matches.map(({ isFootnote }) => isFootnote)).toEqual([false, true, false]);
    expect(editor.view.dom.querySelectorAll(".footnote-mark.found")).toHaveLength(1);
  });

  it("goes around, and keeps its place while the text changes", () => {
    editor.commands.setContent("<p>one one one</p>");
    editor.commands.setTextSelection(1);
    search(editor.view, { words: "one", matchCase: false });
    const current = () => searchOf(editor.state).current;
    expect(current()).toBe(0);
    step(editor.view, -1);
    expect(current()).toBe(2);
    step(editor.view, 1);
    step(editor.view, 1);
    expect(current()).toBe(1);
    editor.view.dispatch(editor.state.tr.insertText("one ", 1));
    expect(current()).toBe(2);
    expect(editor.view.dom.querySelector(".found.current")?.textContent).toBe("one");
  });

  it("replaces one and goes on, keeping its style", () => {
    editor.commands.setContent("<p>one <strong>one</strong> one</p>");
    editor.commands.setTextSelection(3);
    search(editor.view, { words: "one", matchCase: false });
    replaceOne(editor, "someone");
    expect(editor.getHTML()).toBe("<p>one <strong>someone</strong> one</p>");
    expect(searchOf(editor.state).current).toBe(2);
  });

  it("replaces all in one step, also by what holds the words itself or by nothing", () => {
    editor.commands.setContent(`<p>a rose${NOTE} rose</p><p>A rose is a rose</p>`);
    search(editor.view, { words: "rose", matchCase: true });
    expect(replaceAll(editor, "primrose")).toBe(5);
    expect(editor.state.doc.textContent).toBe("a primrosea primrose, she said primroseA primrose is a primrose");
    expect(replaceAll(editor, "")).toBe(5);
    expect(editor.state.doc.lastChild?.textContent).toBe("A prim is a prim");
    expect(searchOf(editor.state)).toMatchObject({ matches: [], current: null });
  });
});

it("what is asked for often is run once, when there is time", () => {
  vi.useFakeTimers();
  const run = vi.fn();
  const idle = whenIdle(run);
  idle.ask();
  idle.ask();
  expect(run).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(run).toHaveBeenCalledTimes(1);
  idle.ask();
  idle.cancel();
  vi.runAllTimers();
  expect(run).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});
