import { dressed, type Look, lookWithin, PLAIN } from "./inline";
import { takeWordItem, WordLists } from "./lists";
import { takeNotes } from "./notes";
import { declarations, withoutStyles } from "./styles";

/** Elements that are no text, nor is what they hold. */
const DROPPED = new Set([
  "script", "style", "template", "head", "title", "meta", "link", "xml", "iframe", "object", "embed", "svg", "math", "img",
  "picture", "video", "audio", "canvas", "form", "input", "button", "select", "textarea", "noscript", "col", "colgroup",
]);
const PARAGRAPHS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dt", "dd", "caption", "figcaption"]);
const KEPT = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "pre"]);
const CONTAINERS = new Set(["blockquote", "table", "tr", "td", "th"]);
const BLOCKS =
  "p, h1, h2, h3, h4, h5, h6, pre, dt, dd, caption, figcaption, ul, ol, li, blockquote, table, tr, td, th, hr, div, section, article";
const CELLS = ["td", "th"];
/** Three asterisks, however they are set, divide two scenes. */
const SCENE_BREAK = /^(\*\s*\*\s*\*|\u2042)$/;

/** Tags of Word's own, such as `o:p`: they say nothing of what they hold. */
const PREFIXED = /<\/?[a-z]\w*:\w+[^>]*>/gi;

/** What word processors and pages put on the clipboard, as nothing but what the schema knows. */
export function cleanPasted(html: string): string {
  const source = new DOMParser().parseFromString(withoutStyles(html.replace(PREFIXED, "")), "text/html");
  const owner = document.implementation.createHTMLDocument();
  new Cleaner(owner, takeNotes(source.body)).blocks(source.body, owner.body, PLAIN);
  return owner.body.innerHTML;
}

class Cleaner {
  readonly #owner: Document;
  /** By the links in the text: what holds the text of the note. */
  readonly #notes: Map<Element, Element>;
  readonly #lists = new WordLists();

  constructor(owner: Document, notes: Map<Element, Element>) {
    this.#owner = owner;
    this.#notes = notes;
  }

  /** Copies what stands one below the other. Text between two blocks is a paragraph. */
  blocks(source: Node, target: Element, look: Look): void {
    let open: HTMLElement | null = null;
    const close = (): void => {
      if (open) this.#put(open, target);
      open = null;
    };
    for (const child of source.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) {
        const element = child as Element;
        if (isDropped(element)) continue;
        if (element.matches(BLOCKS) || element.querySelector(BLOCKS)) {
          close();
          this.#block(element, target, look);
          continue;
        }
      } else if (child.nodeType !== Node.TEXT_NODE || (!open && isBlank(child.nodeValue ?? ""))) {
        continue;
      }
      open ??= this.#owner.createElement("p");
      this.#inline(child, open, look);
    }
    close();
  }

  #block(element: Element, target: Element, look: Look): void {
    const name = element.localName;
    if (PARAGRAPHS.has(name) && !element.querySelector(BLOCKS)) {
      this.#paragraph(element, target, look);
      return;
    }
    this.#lists.end();
    if (name === "hr") target.append(this.#owner.createElement("hr"));
    else if (name === "ul" || name === "ol") this.#list(element, target, look);
    else if (CONTAINERS.has(name)) this.#container(element, target, look);
    else this.blocks(element, target, lookWithin(element, look));
    this.#lists.end();
  }

  #paragraph(element: Element, target: Element, look: Look): void {
    const item = takeWordItem(element);
    const name = KEPT.has(element.localName) ? element.localName : "p";
    const paragraph = this.#owner.createElement(name);
    const isHeading = /^h\d$/.test(name);
    const align = declarations(element).get("text-align") ?? element.getAttribute("align")?.toLowerCase();
    if (align !== undefined && ["center", "right", "justify"].includes(align)) paragraph.setAttribute("align", align);
    this.#inline(element, paragraph, look, isHeading);
    if (item && !isHeading) {
      this.#put(paragraph, this.#lists.next(item, target));
      return;
    }
    if (!isBlank(paragraph.textContent ?? "")) this.#lists.end();
    this.#put(paragraph, target);
  }

  /** Puts a paragraph in its place, unless it only kept others apart. */
  #put(paragraph: HTMLElement, target: Element): void {
    const text = (paragraph.textContent ?? "").trim();
    if (paragraph.localName === "p" && SCENE_BREAK.test(text)) target.append(this.#owner.createElement("hr"));
    else if (text !== "" || paragraph.querySelector("[data-footnote]")) target.append(paragraph);
    else if (target.localName === "li" && !target.firstChild) target.append(paragraph);
  }

  #list(element: Element, target: Element, look: Look): void {
    const list = this.#owner.createElement(element.localName);
    const start = element.getAttribute("start");
    if (start !== null && /^\d{1,6}$/.test(start)) list.setAttribute("start", start);
    for (const child of element.children) {
      if (isDropped(child)) continue;
      if (child.localName === "li") {
        const item = this.#owner.createElement("li");
        this.blocks(child, item, lookWithin(child, look));
        if (item.firstChild) list.append(item);
      } else {
        // Some write a list within a list beside the item that it belongs to.
        this.#block(child, list.lastElementChild ?? target, look);
      }
    }
    if (list.firstChild) target.append(list);
  }

  #container(element: Element, target: Element, look: Look): void {
    const copy = this.#owner.createElement(element.localName);
    if (CELLS.includes(element.localName)) {
      for (const attribute of ["colspan", "rowspan"]) {
        const span = element.getAttribute(attribute) ?? "";
        if (/^[1-9]\d?$/.test(span) && span !== "1") copy.setAttribute(attribute, span);
      }
    }
    this.blocks(element, copy, lookWithin(element, look));
    if (element.localName === "table") target.append(...[...copy.children].filter((child) => child.localName !== "tr"));
    if (copy.firstChild || CELLS.includes(element.localName)) target.append(copy);
  }

  #inline(node: Node, target: Element, look: Look, isHeading = false): void {
    if (node.nodeType === Node.TEXT_NODE) {
      // A heading is bold by itself.
      target.append(dressed(node.nodeValue ?? "", isHeading ? { ...look, bold: false } : look, this.#owner));
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const element = node as Element;
    if (isDropped(element)) return;
    const note = this.#notes.get(element);
    if (note) {
      this.#footnote(note, target);
    } else if (element.localName === "br") {
      target.append(this.#owner.createElement("br"));
    } else if (isSpacing(element)) {
      target.append(dressed(" ", look, this.#owner));
    } else {
      const within = lookWithin(element, look);
      for (const child of element.childNodes) this.#inline(child, target, within, isHeading);
    }
  }

  #footnote(note: Element, target: Element): void {
    const footnote = this.#owner.createElement("span");
    footnote.setAttribute("data-footnote", "");
    const paragraphs = note.querySelectorAll("p");
    (paragraphs.length > 0 ? [...paragraphs] : [note]).forEach((paragraph, index) => {
      if (index > 0) footnote.append(" ");
      this.#inline(paragraph, footnote, PLAIN);
    });
    trimStart(footnote);
    target.append(footnote);
  }
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

function isDropped(element: Element): boolean {
  if (DROPPED.has(element.localName)) return true;
  const style = declarations(element);
  return style.get("display") === "none" || style.get("mso-hide") === "all" || style.get("mso-list") === "ignore";
}

/** What Word writes for a run of blanks or a tab. */
function isSpacing(element: Element): boolean {
  const style = declarations(element);
  return style.get("mso-spacerun") === "yes" || style.has("mso-tab-count");
}

/** Takes away blanks that stood between a note's number and its text. */
function trimStart(element: Element): void {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    text.nodeValue = (text.nodeValue ?? "").trimStart();
    if (text.nodeValue !== "") return;
  }
}
