import type { ComponentChildren } from "preact";
import { type Doc, XmlElement, XmlText } from "yjs";
import { Picture } from "../components/picture";
import { isPictureId, percentOf } from "./pictures";

/** A chapter's document as it is read: drawn from what it says, never from HTML, and not to be written in. */

/** What the hub calls the root of a chapter's document. */
const ROOT = "default";
/** Deeper than an editor goes. What lies below is shown as plain text. */
const DEPTH_MAX = 40;
/** A table that claims more would stop the page. */
const SPAN_MAX = 100;

type Node = XmlElement | XmlText;
type Attributes = Record<string, unknown>;

interface Run {
  text: string;
  marks: ReadonlyMap<string, Attributes>;
}

/** The notes of a text, in the order in which it refers to them. */
type Notes = ComponentChildren[];

/** The text of a document with its footnotes at the end. */
export function written(doc: Doc): ComponentChildren {
  const notes: Notes = [];
  const text = blocks(nodesIn(doc.getXmlFragment(ROOT)), notes, 0);
  if (notes.length === 0) return text;
  return (
    <>
      {text}
      <section class="notes" role="doc-endnotes" aria-label="Footnotes">
        <ol>
          {notes.map((note) => (
            <li>{note}</li>
          ))}
        </ol>
      </section>
    </>
  );
}

function nodesIn(parent: { toArray(): unknown[] }): Node[] {
  return parent.toArray().filter((node) => node instanceof XmlElement || node instanceof XmlText);
}

/** Everything that lies in a node, however deep. */
export function plainText(node: Node): string {
  const open: Node[] = [node];
  let text = "";
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next instanceof XmlText) text += runsOf(next).map((run) => run.text).join("");
    else open.push(...nodesIn(next).reverse());
  }
  return text;
}

// Blocks

function blocks(nodes: readonly Node[], notes: Notes, depth: number): ComponentChildren[] {
  return nodes.map((node) => (node instanceof XmlText ? <p>{inline([node], notes, depth)}</p> : block(node, notes, depth)));
}

function block(node: XmlElement, notes: Notes, depth: number): ComponentChildren {
  if (depth >= DEPTH_MAX) return <p>{plainText(node)}</p>;
  const attributes = node.getAttributes() as Attributes;
  const children = nodesIn(node);
  const within = () => blocks(children, notes, depth + 1);
  const line = () => inline(children, notes, depth + 1);
  switch (node.nodeName) {
    case "paragraph":
      return <p style={aligned(attributes)}>{line()}</p>;
    case "heading": {
      const Heading = `h${whole(attributes["level"], 1, 6)}` as "h1";
      return <Heading style={aligned(attributes)}>{line()}</Heading>;
    }
    case "bulletList":
      return <ul>{within()}</ul>;
    case "orderedList":
      return <ol start={attributes["start"] === undefined ? undefined : whole(attributes["start"], 0, 1_000_000)}>{within()}</ol>;
    case "listItem":
      return <li>{within()}</li>;
    case "blockquote":
      return <blockquote>{within()}</blockquote>;
    case "horizontalRule":
      return <hr />;
    case "sceneBreak":
      return <hr class="scene-break" />;
    case "codeBlock":
      return (
        <pre>
          <code>{line()}</code>
        </pre>
      );
    case "table":
      return (
        <table>
          <tbody>{within()}</tbody>
        </table>
      );
    case "tableRow":
      return <tr>{within()}</tr>;
    case "tableHeader":
      return <th {...spans(attributes)}>{within()}</th>;
    case "tableCell":
      return <td {...spans(attributes)}>{within()}</td>;
    case "image":
      return image(node);
    case "footnote":
    case "hardBreak":
      return <p>{leaf(node, notes, depth)}</p>;
    default:
      // Of a newer editor: what it says is shown, if not as what.
      return children.some((child) => child instanceof XmlText) ? <p>{line()}</p> : <div>{within()}</div>;
  }
}

function aligned(attributes: Attributes): { textAlign: string } | undefined {
  const side = ["left", "center", "right", "justify"].find((name) => name === attributes["textAlign"]);
  return side === undefined ? undefined : { textAlign: side };
}

function spans(attributes: Attributes): { colSpan: number; rowSpan: number } {
  return { colSpan: whole(attributes["colspan"], 1, SPAN_MAX), rowSpan: whole(attributes["rowspan"], 1, SPAN_MAX) };
}

/** A number of an attribute, brought between `min` and `max`; `min` for what is no number. */
function whole(value: unknown, min: number, max: number): number {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? Math.min(Math.max(number, min), max) : min;
}

// Lines

function inline(nodes: readonly Node[], notes: Notes, depth: number): ComponentChildren[] {
  return nodes.map((node) => {
    if (node instanceof XmlText) return marked(runsOf(node), MARKS);
    return depth >= DEPTH_MAX ? plainText(node) : leaf(node, notes, depth);
  });
}

/** What stands in a line and is no text. */
function leaf(node: XmlElement, notes: Notes, depth: number): ComponentChildren {
  const within = () => inline(nodesIn(node), notes, depth + 1);
  switch (node.nodeName) {
    case "hardBreak":
      return <br />;
    case "image":
      // In a line there is no room for it.
      return <span class="no-picture">{words(node)}</span>;
    case "footnote": {
      const number = notes.push(null);
      notes[number - 1] = within();
      return (
        <sup class="note-mark" title={plainText(node)}>
          {number}
        </sup>
      );
    }
    default:
      return <span>{within()}</span>;
  }
}

/** Pictures are those of the book; of others the words are shown. */
function image(node: XmlElement): ComponentChildren {
  const { asset, alt, width } = node.getAttributes() as Attributes;
  if (!isPictureId(asset)) return <p class="no-picture">{words(node)}</p>;
  return <Picture asset={asset} words={typeof alt === "string" ? alt : ""} percent={percentOf(width)} />;
}

/** What stands in a picture's place where it cannot be shown. */
function words(node: XmlElement): string {
  const { alt } = node.getAttributes() as Attributes;
  return typeof alt === "string" && alt !== "" ? `[Picture: ${alt}]` : "[Picture]";
}

function runsOf(text: XmlText): Run[] {
  const delta = text.toDelta() as { insert: unknown; attributes?: Attributes }[];
  return delta.map(({ insert, attributes = {} }) => ({
    text: typeof insert === "string" ? insert : "",
    marks: new Map(Object.entries(attributes).map(([name, value]) => [withoutHash(name), (value ?? {}) as Attributes])),
  }));
}

/** y-prosemirror appends a hash to marks that may overlap themselves. */
function withoutHash(name: string): string {
  return name.replace(/--[a-zA-Z0-9+/=]{8}$/, "");
}

interface Mark {
  name: string;
  around(text: ComponentChildren, attributes: Attributes): ComponentChildren;
}

/** From the outermost to the innermost. */
const MARKS: readonly Mark[] = [
  { name: "link", around: link },
  { name: "bold", around: (text) => <strong>{text}</strong> },
  { name: "italic", around: (text) => <em>{text}</em> },
  { name: "underline", around: (text) => <u>{text}</u> },
  { name: "strike", around: (text) => <s>{text}</s> },
  { name: "superscript", around: (text) => <sup>{text}</sup> },
  { name: "subscript", around: (text) => <sub>{text}</sub> },
  { name: "smallCaps", around: (text) => <span class="small-caps">{text}</span> },
  { name: "code", around: (text) => <code>{text}</code> },
];

function link(text: ComponentChildren, { href }: Attributes): ComponentChildren {
  if (typeof href !== "string" || !/^(https?:|mailto:)/i.test(href)) return text;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}

/** Runs that share a mark are in one element. */
function marked(runs: readonly Run[], marks: readonly Mark[]): ComponentChildren {
  const [mark, ...inner] = marks;
  if (!mark) return runs.map((run) => run.text).join("");
  const stretches: { key: string | undefined; runs: Run[] }[] = [];
  for (const run of runs) {
    const attributes = run.marks.get(mark.name);
    const key = attributes && JSON.stringify(attributes);
    const last = stretches.at(-1);
    if (last && last.key === key) last.runs.push(run);
    else stretches.push({ key, runs: [run] });
  }
  return stretches.map((stretch) => {
    const text = marked(stretch.runs, inner);
    return stretch.key === undefined ? text : mark.around(text, stretch.runs[0]?.marks.get(mark.name) ?? {});
  });
}
