// @vitest-environment jsdom
import { type Editor, getSchema } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Doc } from "yjs";
import PROFILE from "../../src/chapter/guard/profile.rs?raw";
import { align } from "../src/editor/align";
import { editorOf, schemaExtensions } from "../src/editor/editor";
import { footnotesOf, insertFootnote, mayInsertFootnote, openFootnote } from "../src/editor/footnote";
import { startStep } from "../src/editor/history";
import { insertSceneBreak } from "../src/editor/scene-break";
import { insertTable } from "../src/editor/tables";

function listed(name: string): string[] {
  const list = new RegExp(`const ${name}: [^=]*=\\s*&\\[([^\\]]*)\\]`).exec(PROFILE)?.[1] ?? "";
  return [...list.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
}

let doc: Doc;
let editor: Editor;

beforeEach(() => {
  doc = new Doc();
  editor = editorOf(document.body.appendChild(document.createElement("div")), doc, true, "Dawn");
});

afterEach(() => editor.destroy());

const xml = (): string => doc.getXmlFragment("default").toString();
const textOf = (): string => editor.state.doc.textContent;

describe("the schema", () => {
  it("has no names but those that the hub takes", () => {
    const schema = getSchema(schemaExtensions(true));
    const [elements, marks, attributes] = [listed("ELEMENTS"), listed("MARKS"), listed("ATTRIBUTES")];
    expect(elements).toContain("paragraph");
    expect(elements).toEqual(expect.arrayContaining(Object.keys(schema.nodes).filter((name) => name !== "doc" && name !== "text")));
    expect(marks).toEqual(expect.arrayContaining(Object.keys(schema.marks)));
    const used = [...Object.values(schema.nodes), ...Object.values(schema.marks)].flatMap(({ spec }) => Object.keys(spec.attrs ?? {}));
    expect(attributes).toEqual(expect.arrayContaining(used));
  });

  it("has marks that are known by their bare names", () => {
    for (const mark of Object.values(getSchema(schemaExtensions(true)).marks)) expect(mark.excludes(mark), mark.name).toBe(true);
  });

  it("writes no alignment where lines stand as they do anyway", () => {
    editor.commands.insertContent("Dawn");
    align(editor, "center");
    expect(xml()).toBe('<paragraph textAlign="center">Dawn</paragraph>');
    align(editor, "left");
    expect(xml()).toBe("<paragraph>Dawn</paragraph>");
  });

  it("reads alignment, links and rules from HTML", () => {
    editor.commands.setContent('<p align="right">a</p><hr><p align="justify"><a href="https://example.org" target="x" class="y">b</a><a href="javascript:1">c</a></p>');
    expect(editor.getJSON().content).toMatchObject([
      { type: "paragraph", attrs: { textAlign: "right" } },
      { type: "sceneBreak" },
      { type: "paragraph", attrs: { textAlign: "justify" }, content: [{ text: "b", marks: [{ type: "link", attrs: { href: "https://example.org" } }] }, { text: "c" }] },
    ]);
    expect(JSON.stringify(editor.getJSON())).not.toContain("target");
  });
});

describe("what is inserted", () => {
  it("is a scene break with a paragraph behind it", () => {
    editor.commands.insertContent("One");
    insertSceneBreak(editor);
    editor.commands.insertContent("Two");
    expect(xml()).toBe("<paragraph>One</paragraph><scenebreak></scenebreak><paragraph>Two</paragraph>");
  });

  it("is a table of three rows and columns, with the cursor in the first cell", () => {
    insertTable(editor);
    editor.commands.insertContent("First");
    const table = editor.state.doc.firstChild;
    expect(table?.children.map((row) => row.children.map((cell) => cell.type.name))).toEqual([
      ["tableHeader", "tableHeader", "tableHeader"],
      ["tableCell", "tableCell", "tableCell"],
      ["tableCell", "tableCell", "tableCell"],
    ]);
    expect(editor.state.doc.firstChild?.firstChild?.firstChild?.textContent).toBe("First");
    expect(editor.state.doc.lastChild?.type.name).toBe("paragraph");
  });

  it("is a footnote, numbered in the order of the text, and none within another", () => {
    editor.commands.insertContent("One two");
    insertFootnote(editor);
    const first = footnotesOf(editor.state).list[0];
    expect(first?.pos).toBe(8);
    editor.commands.setTextSelection(9);
    expect(mayInsertFootnote(editor)).toBe(false);
    openFootnote(editor.view, first?.pos ?? 0);
    editor.view.dispatch(editor.state.tr.insertText("Behind", 9));
    editor.commands.setTextSelection(4);
    insertFootnote(editor);
    editor.view.dispatch(editor.state.tr.insertText("Before", 5));
    expect(footnotesOf(editor.state).list.map(({ node }) => node.textContent)).toEqual(["Before", "Behind"]);
    expect(footnotesOf(editor.state).open).toBe(0);
    const numbers = [...editor.view.dom.querySelectorAll<HTMLElement>(".footnote-mark")].map((mark) => mark.dataset["number"]);
    expect(numbers).toEqual(["1", "2"]);
    expect(editor.view.dom.textContent).toBe("One two");
  });

  it("is no footnote if nothing was written into it", () => {
    editor.commands.insertContent("One");
    insertFootnote(editor);
    expect(footnotesOf(editor.state).open).toBe(0);
    openFootnote(editor.view, null);
    expect(footnotesOf(editor.state).list).toEqual([]);
    expect(textOf()).toBe("One");
  });
});

it("has a footnote that is open still when its last words are undone", () => {
  editor.commands.insertContent("One");
  insertFootnote(editor);
  editor.view.dispatch(editor.state.tr.insertText("Said", 5));
  startStep(editor.state);
  editor.view.dispatch(editor.state.tr.insertText(" twice", 9));
  editor.commands.undo();
  const { list, open } = footnotesOf(editor.state);
  expect(list.map(({ node }) => node.textContent)).toEqual(["Said"]);
  expect(open).toBe(0);
});
