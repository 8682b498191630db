// @vitest-environment jsdom
import { type Editor, getSchema } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Doc, XmlElement, XmlText } from "yjs";
import PROFILE from "../../src/chapter/guard/profile.rs?raw";
import { align } from "../src/editor/align";
import { editorOf, schemaExtensions } from "../src/editor/editor";
import { footnotesOf, insertFootnote, mayInsertFootnote, openFootnote } from "../src/editor/footnote";
import { startStep } from "../src/editor/history";
import { changePicture, selectedPicture } from "../src/editor/picture";
import { insertSceneBreak } from "../src/editor/scene-break";
import { insertTable } from "../src/editor/tables";
import { picturesIn } from "../src/editor/uploads";

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

  it("shows a table whose cells claim to be larger than any table", () => {
    const cell = (attributes: Record<string, unknown>): XmlElement => {
      const made = new XmlElement("tableCell");
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value as string);
      const paragraph = new XmlElement("paragraph");
      paragraph.insert(0, [new XmlText("celled")]);
      made.insert(0, [paragraph]);
      return made;
    };
    const row = new XmlElement("tableRow");
    const spans = [{ colspan: 1e9 }, { colspan: "<b>", rowspan: -5 }, { colspan: Number.MAX_VALUE, rowspan: 2.5 }, { colspan: [1] }];
    row.insert(0, spans.map(cell));
    const table = new XmlElement("table");
    table.insert(0, [row]);
    doc.getXmlFragment("default").insert(0, [table]);
    const shown: unknown[] = [];
    editor.state.doc.descendants((node) => void (node.type.name === "tableCell" && shown.push([node.attrs["colspan"], node.attrs["rowspan"]])));
    expect(shown).toEqual([[100, 1], [1, 1], [100, 1], [1, 1]]);
    expect(textOf()).toBe("celled".repeat(4));
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

describe("a picture", () => {
  const asset = "0123456789abcdef0123456789abcdef";
  const html = `<p>One</p><img data-asset="${asset}" alt="A map" width="50%"><p>Two</p>`;

  it("is named in the document, and nothing is loaded from elsewhere", () => {
    editor.commands.setContent(`${html}<img src="https://example.org/x.png" alt="x"><img data-asset="../../x" alt="y">`);
    expect(xml()).toBe(`<paragraph>One</paragraph><image alt="A map" asset="${asset}" width="50"></image><paragraph>Two</paragraph>`);
    expect(editor.getHTML()).toBe(`<p>One</p><img data-asset="${asset}" alt="A map" width="50%"><p>Two</p>`);
  });

  it("is shown without an address of its own until its bytes are there", () => {
    editor.commands.setContent(html);
    const image = editor.view.dom.querySelector<HTMLImageElement>("figure.picture img");
    expect([image?.alt, image?.style.width, image?.getAttribute("src")]).toEqual(["A map", "50%", null]);
  });

  it("gets other words and another width, and stays selected", () => {
    editor.commands.setContent(html);
    expect(selectedPicture(editor.state)).toBe(null);
    editor.commands.setNodeSelection(5);
    expect(selectedPicture(editor.state)).toMatchObject({ asset, alt: "A map", width: 50 });
    changePicture(editor, "A chart", 33);
    expect(selectedPicture(editor.state)).toMatchObject({ asset, alt: "A chart", width: 33 });
    changePicture(editor, "", null);
    expect(xml()).toBe(`<paragraph>One</paragraph><image asset="${asset}"></image><paragraph>Two</paragraph>`);
  });

  it("keeps what other editors say of it", () => {
    const fragment = doc.getXmlFragment("default");
    const image = new XmlElement("image");
    for (const [name, value] of Object.entries({ asset, src: "x.png", title: "t", height: "7" })) image.setAttribute(name, value);
    fragment.insert(0, [image]);
    editor.commands.setNodeSelection(0);
    changePicture(editor, "A chart", null);
    expect(image.getAttributes()).toEqual({ asset, src: "x.png", title: "t", height: "7", alt: "A chart" });
  });

  it("is taken from what is pasted, unless that is text that brings a picture of itself", () => {
    const pasted = (texts: Record<string, string>, ...types: string[]) => {
      const files = types.map((type) => new File(["x"], "x", { type }));
      return picturesIn({ files, getData: (type: string) => texts[type] ?? "" } as unknown as DataTransfer).length;
    };
    expect(pasted({}, "image/png", "text/plain", "image/gif")).toBe(2);
    expect(pasted({ "text/html": '<meta><img src="https://example.org/x.png">' }, "image/png")).toBe(1);
    expect(pasted({ "text/html": "<p>Words</p>", "text/plain": "Words" }, "image/png")).toBe(0);
    expect(pasted({ "text/plain": "Words" })).toBe(0);
    expect(picturesIn(null)).toEqual([]);
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
