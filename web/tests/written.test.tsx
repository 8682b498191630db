// @vitest-environment jsdom
import type { ComponentChildren, VNode } from "preact";
import { Doc, XmlElement, XmlText } from "yjs";
import { describe, expect, it } from "vitest";
import { Picture } from "../src/components/picture";
import { written } from "../src/lib/written";

type Child = XmlElement | XmlText;

function element(name: string, attributes: Record<string, unknown> = {}, ...children: Child[]): XmlElement {
  const made = new XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as string);
  made.insert(0, children);
  return made;
}

function words(...runs: (string | [string, Record<string, object>])[]): XmlText {
  const text = new XmlText();
  text.applyDelta(runs.map((run) => (typeof run === "string" ? { insert: run } : { insert: run[0], attributes: run[1] })));
  return text;
}

function paragraph(...runs: Parameters<typeof words>): XmlElement {
  return element("paragraph", {}, words(...runs));
}

/** Nodes as markup, to compare: elements, their attributes in order, and texts. */
function markup(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(markup).join("");
  if (typeof node !== "object") return String(node);
  const { type, props } = node as VNode<Record<string, unknown>>;
  const within = markup(props["children"] as ComponentChildren);
  if (typeof type !== "string") return within;
  const attributes = Object.entries(props)
    .filter(([name, value]) => name !== "children" && value !== undefined)
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `<${type}${attributes.join("")}>${within}</${type}>`;
}

function shown(...children: Child[]): string {
  const doc = new Doc();
  doc.getXmlFragment("default").insert(0, children);
  return markup(written(doc));
}

describe("a document that is read", () => {
  it("shows blocks as what they are", () => {
    expect(
      shown(
        element("heading", { level: 2 }, words("Dawn")),
        paragraph("First."),
        element("bulletList", {}, element("listItem", {}, paragraph("one"))),
        element("orderedList", { start: 3 }, element("listItem", {}, paragraph("three"))),
        element("blockquote", {}, paragraph("said")),
        element("horizontalRule"),
        element("sceneBreak"),
        element("codeBlock", {}, words("a < b")),
      ),
    ).toBe(
      "<h2>Dawn</h2><p>First.</p><ul><li><p>one</p></li></ul><ol start=3><li><p>three</p></li></ol>" +
        '<blockquote><p>said</p></blockquote><hr></hr><hr class="scene-break"></hr><pre><code>a < b</code></pre>',
    );
  });

  it("shows tables, and believes no absurd span", () => {
    const cell = (name: string, span: unknown) => element(name, { colspan: span, rowspan: 1 }, paragraph("x"));
    const row = element("tableRow", {}, cell("tableHeader", 2), cell("tableCell", 1e9), cell("tableCell", "many"));
    expect(shown(element("table", {}, row))).toBe(
      "<table><tbody><tr><th colSpan=2 rowSpan=1><p>x</p></th><td colSpan=100 rowSpan=1><p>x</p></td>" +
        "<td colSpan=1 rowSpan=1><p>x</p></td></tr></tbody></table>",
    );
  });

  it("shows every mark, in one element as far as it reaches", () => {
    const all = ["bold", "italic", "underline", "strike", "superscript", "subscript", "smallCaps", "code"];
    const marks = Object.fromEntries(all.map((name) => [name, {}]));
    expect(shown(paragraph("plain ", ["all", marks]))).toBe(
      '<p>plain <strong><em><u><s><sup><sub><span class="small-caps"><code>all</code></span></sub></sup></s></u></em></strong></p>',
    );
    expect(shown(paragraph(["a", { bold: {} }], ["b", { bold: {}, italic: {} }], "c"))).toBe(
      "<p><strong>a<em>b</em></strong>c</p>",
    );
  });

  it("knows a mark that carries a hash, and shows the text of one that it does not know", () => {
    expect(shown(paragraph(["Ab", { "smallCaps--AbC9+/8=": {} }], ["cd", { sparkle: {} }]))).toBe(
      '<p><span class="small-caps">Ab</span>cd</p>',
    );
  });

  it("links to the web and to mailboxes, and nowhere else", () => {
    for (const href of ["https://example.org/", "http://example.org/", "mailto:ann@example.org"]) {
      expect(shown(paragraph(["here", { link: { href } }]))).toBe(
        `<p><a href="${href}" target="_blank" rel="noopener noreferrer">here</a></p>`,
      );
    }
    for (const href of ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x", "//example.org", "/book", 7, null]) {
      expect(shown(paragraph(["here", { link: { href } }]))).toBe("<p>here</p>");
    }
  });

  it("shows pictures of the book alone, and the words of others", () => {
    const asset = "0123456789abcdef0123456789abcdef";
    const drawn = (attributes: Record<string, unknown>) => {
      const doc = new Doc();
      doc.getXmlFragment("default").insert(0, [element("image", attributes)]);
      return [written(doc)].flat(2)[0] as VNode<Record<string, unknown>>;
    };
    const picture = drawn({ asset, alt: "A map", width: 50, src: "https://example.org/map.png" });
    expect([picture.type, picture.props]).toEqual([Picture, { asset, words: "A map", percent: 50 }]);
    expect(drawn({ asset, width: "33%" }).props).toEqual({ asset, words: "", percent: 33 });
    for (const width of [0, -1, 1e9, "wide", "url(x)", null]) expect(drawn({ asset, width: width as string }).props["percent"]).toBe(undefined);
    for (const other of ["", "../x", asset.toUpperCase(), `${asset}0`, 7]) {
      expect(shown(element("image", { asset: other, alt: "A map" }))).toBe('<p class="no-picture">[Picture: A map]</p>');
    }
    for (const src of ["https://example.org/map.png", "data:image/png;base64,AA==", "/v1/map.png", "javascript:1"]) {
      expect(shown(element("image", { src }))).toBe('<p class="no-picture">[Picture]</p>');
      expect(shown(element("paragraph", {}, element("image", { src, alt: "A map" })))).toBe(
        '<p><span class="no-picture">[Picture: A map]</span></p>',
      );
    }
  });

  it("numbers footnotes and puts them at the end", () => {
    const note = (text: string) => element("footnote", {}, words(text));
    const line = element("paragraph", {}, words("One"), note("first"), words(" two"), note("second"), element("hardBreak"));
    expect(shown(line)).toBe(
      '<p>One<sup class="note-mark" title="first">1</sup> two<sup class="note-mark" title="second">2</sup><br></br></p>' +
        '<section class="notes" role="doc-endnotes" aria-label="Footnotes"><ol><li>first</li><li>second</li></ol></section>',
    );
  });

  it("shows the text of nodes that it does not know", () => {
    const unknown = element("aside", {}, paragraph("beside"), element("poem", {}, words("a line")));
    expect(shown(unknown)).toBe("<div><p>beside</p><p>a line</p></div>");
    expect(shown(element("paragraph", {}, element("mention", {}, words("Ann"))))).toBe("<p><span>Ann</span></p>");
  });

  it("never takes text for markup, nor attributes that it was not told of", () => {
    const text = "<img src=x onerror=alert(1)>";
    expect(shown(element("paragraph", { onclick: "x()", style: "x", class: "y", textAlign: "center" }, words(text)))).toBe(
      `<p style={"textAlign":"center"}>${text}</p>`,
    );
    expect(shown(element("paragraph", { textAlign: "url(x)" }, words("x")))).toBe("<p>x</p>");
  });

  it("goes only so deep, and loses no word", () => {
    const nested = (name: string) => {
      let node: XmlElement = paragraph("the end");
      for (let depth = 0; depth < 300; depth++) node = element(name, {}, node);
      return shown(node);
    };
    expect(nested("blockquote").match(/<blockquote>/g)?.length).toBe(40);
    expect(nested("blockquote")).toContain("<p>the end</p>");
    expect(nested("footnote")).toContain("the end");
    expect(nested("mystery")).toContain("the end");
  });
});
