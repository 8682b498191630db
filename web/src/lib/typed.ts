import { type AbstractType, ContentType, decodeUpdate, Doc, encodeStateAsUpdate, getItem, Item, XmlElement, XmlText } from "yjs";

/** What the hub calls the root of a chapter's document. */
const ROOT = "default";
/** Who writes a draft's document (D-7). */
const DRAFT_CLIENT = 1;
/** Characters of one piece of a block that is too large for a draft: well below 48 KiB however they are written. */
const PIECE_CHARS = 10_000;
const EXCERPT_CHARS = 120;

type Block = XmlElement | XmlText;

/** A draft as the hub takes it. */
export interface Typed {
  update: Uint8Array;
  excerpt: string;
}

/**
 * The blocks of `doc` that these updates wrote in, as documents of their own, each of at most `bytesMax` bytes. Empty, if the
 * updates only took something away.
 */
export function typedIn(doc: Doc, updates: readonly Uint8Array[], bytesMax: number): Typed[] {
  return packed(touched(doc, updates), bytesMax);
}

/** The top blocks that hold something of these updates, in the order of the text. */
function touched(doc: Doc, updates: readonly Uint8Array[]): Block[] {
  const root = doc.getXmlFragment(ROOT);
  const blocks = new Set<AbstractType<unknown>>();
  for (const update of updates) {
    for (const { id } of decodeUpdate(update).structs) {
      const block = topBlock(getItem(doc.store, id), root);
      if (block) blocks.add(block);
    }
  }
  return root.toArray().filter((block): block is XmlElement => block instanceof XmlElement && blocks.has(block as AbstractType<unknown>));
}

function topBlock(found: unknown, root: unknown): AbstractType<unknown> | null {
  // What was deleted and collected is no item any more.
  let item = found instanceof Item ? found : null;
  while (item !== null && item.parent !== root) item = (item.parent as AbstractType<unknown> | null)?._item ?? null;
  if (item === null || item.deleted || !(item.content instanceof ContentType)) return null;
  return item.content.type;
}

/** As few documents as the limit allows. */
function packed(blocks: readonly Block[], bytesMax: number): Typed[] {
  if (blocks.length === 0) return [];
  const update = documentOf(blocks.map((block) => block.clone() as Block));
  if (update.length <= bytesMax) return [{ update, excerpt: excerptOf(blocks) }];
  if (blocks.length > 1) {
    const half = blocks.length >> 1;
    return [...packed(blocks.slice(0, half), bytesMax), ...packed(blocks.slice(half), bytesMax)];
  }
  const pieces = linesOf(blocks).join("\n").match(new RegExp(`[^]{1,${PIECE_CHARS}}`, "g")) ?? [];
  return pieces.map((piece) => ({ update: documentOf([paragraphOf(piece)]), excerpt: piece.slice(0, EXCERPT_CHARS) }));
}

function paragraphOf(text: string): XmlElement {
  const paragraph = new XmlElement("paragraph");
  paragraph.insert(0, [new XmlText(text)]);
  return paragraph;
}

function documentOf(blocks: Block[]): Uint8Array {
  const doc = new Doc();
  doc.clientID = DRAFT_CLIENT;
  doc.getXmlFragment(ROOT).insert(0, blocks);
  return encodeStateAsUpdate(doc);
}

function excerptOf(blocks: readonly Block[]): string {
  const text = linesOf(blocks).join(" ").replace(/\s+/g, " ").trim();
  return [...text].slice(0, EXCERPT_CHARS).join("");
}

/** The text of a document, a line for each block that holds text itself. */
export function linesIn(doc: Doc): string[] {
  return linesOf(doc.getXmlFragment(ROOT).toArray() as Block[]);
}

function linesOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block instanceof XmlText) return [plain(block)];
    const children = block.toArray() as Block[];
    return children.some((child) => child instanceof XmlText) ? [children.map(inline).join("")] : linesOf(children);
  });
}

function inline(child: Block): string {
  if (child instanceof XmlText) return plain(child);
  return child.nodeName === "hardBreak" ? "\n" : linesOf([child]).join(" ");
}

function plain(text: XmlText): string {
  const runs = text.toDelta() as { insert: unknown }[];
  return runs.map(({ insert }) => (typeof insert === "string" ? insert : "")).join("");
}
