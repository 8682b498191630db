// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Doc } from "yjs";
import { editorOf } from "../src/editor/editor";
import { cleanPasted } from "../src/editor/paste/clean";
import { markNumber } from "../src/editor/paste/lists";
import GOOGLE from "./clipboard/google.html?raw";
import LIBREOFFICE from "./clipboard/libreoffice.html?raw";
import WORD from "./clipboard/word.html?raw";

let editor: Editor;

beforeEach(() => {
  editor = editorOf(document.body.appendChild(document.createElement("div")), new Doc(), true, "Dawn");
});

afterEach(() => editor.destroy());

/** What the document holds after a paste. */
function pasted(html: string): string {
  editor.view.pasteHTML(html, new Event("paste") as ClipboardEvent);
  return editor.getHTML().replace(/ (target|rel)="[^"]*"/g, "");
}

it("a paste from Word keeps what is written and how, makes lists of what only looks like them, and drops Word's own", () => {
  expect(pasted(WORD)).toBe(
    [
      "<h1>The garden</h1>",
      '<p align="justify">She was <strong>bold</strong>, <em>quick</em> and <u>sure</u>. In ',
      '<span class="small-caps">Rome</span> it was m<sup>2</sup>.<span data-footnote="">As <em>Pliny</em> says. Twice.</span></p>',
      '<hr class="scene-break">',
      "<ul><li><p>Apples</p><ul><li><p>Red ones</p></li></ul></li><li><p>Pears</p></li></ul>",
      '<ol start="3"><li><p>Third</p></li><li><p>Fourth</p></li></ol>',
      '<p>A <a href="https://example.org/">link</a>, a trap and a mark.</p>',
      '<table><tbody><tr><td colspan="2"><p><strong>Wide</strong></p></td></tr><tr><td><p>One</p></td><td><p></p></td></tr></tbody></table>',
    ].join(""),
  );
});

it("a paste from Google Docs keeps what spans say, and puts lists within their items", () => {
  expect(pasted(GOOGLE)).toBe(
    [
      "<h2>The garden</h2>",
      '<p align="right"><strong>Bold</strong><em> slanted</em><s> gone</s><sup>2</sup><a href="https://example.org/a">here</a></p>',
      "<ul><li><p>Outer</p><ul><li><p>Inner</p></li></ul></li><li><p>Last</p></li></ul>",
    ].join(""),
  );
});

it("a paste from LibreOffice keeps notes, numbers and lines", () => {
  expect(pasted(LIBREOFFICE)).toBe(
    [
      "<h3>The garden</h3>",
      '<p align="center"><strong>Bold</strong> and <span class="small-caps">caps</span> and <s>gone</s>',
      '<span data-footnote="">Seen <em>by</em> day.</span>.</p>',
      '<ol start="2"><li><p>Second</p></li><li><p>Third<br>line</p></li></ol>',
    ].join(""),
  );
});

it("a paste from this editor stays what it is", () => {
  const own = '<p data-pm-slice="0 0 []" align="center">One<span data-footnote="">two</span></p>';
  expect(pasted(own)).toBe('<p align="center">One<span data-footnote="">two</span></p>');
});

describe("a paste from a page", () => {
  it("runs nothing and loads nothing", () => {
    const html = '<p onclick="x()">a<script>alert(1)</script><img src=x onerror=alert(1)></p><iframe src="https://example.org"></iframe><a href=" java\nscript:x">b</a>';
    expect(cleanPasted(html)).toBe("<p>a</p><p>b</p>");
  });

  it("makes paragraphs of text that has none, and quotes of quotes", () => {
    expect(cleanPasted("one<div>two</div><blockquote>three<p>four</p></blockquote>")).toBe(
      "<p>one</p><p>two</p><blockquote><p>three</p><p>four</p></blockquote>",
    );
  });

  it("makes notes of what links back and forth, and leaves a number whose note is elsewhere", () => {
    const page = '<p>Said<sup id="r1"><a href="#n1">1</a></sup> so<sup><a href="#n2">2</a></sup>.</p><hr><ol><li id="n1"><p>Here. <a href="#r1">↩</a></p></li></ol>';
    expect(cleanPasted(page)).toBe('<p>Said<span data-footnote="">Here. </span> so<sup>2</sup>.</p>');
  });

  it("leaves a table of contents alone that links back and forth", () => {
    const page = '<p><a name="t1" href="#c1">One</a></p><h1><a name="c1" href="#t1">One</a></h1>';
    expect(cleanPasted(page)).toBe("<p>One</p><h1>One</h1>");
  });
});

it("the mark of a list says its number, if it has one", () => {
  for (const [mark, number] of [["·", null], ["o", null], ["3.", 3], ["(c)", 3], ["iv)", 4], ["B.", 2], ["–", null]] as const) {
    expect(markNumber(mark), mark).toBe(number);
  }
});
