import { isPictureId } from "./pictures";

/** Elements and attributes of a text. The hub writes no others; the page shows nothing else either. */
const ALLOWED: Record<string, readonly string[]> = {
  a: ["href", "title"], abbr: ["title"], b: [], blockquote: [], br: [], caption: [], cite: [], code: [], dd: [],
  del: [], dfn: [], div: [], dl: [], dt: [], em: [], figcaption: [], figure: [], h1: [], h2: [], h3: [], h4: [],
  h5: [], h6: [], hr: [], i: [], img: ["data-asset", "alt", "width"], ins: [], kbd: [], li: [], mark: [],
  ol: ["start", "reversed"], p: [], pre: [], q: [], s: [], samp: [], section: [], small: [], span: [], strong: [],
  sub: [], sup: [], table: [], tbody: [], td: ["colspan", "rowspan"], tfoot: [], th: ["colspan", "rowspan", "scope"],
  thead: [], tr: [], u: [], ul: [], var: [], wbr: [],
};

/** Elements whose content is not text either. */
const DROPPED = new Set(["script", "style", "template", "iframe", "object", "embed", "svg", "math", "form", "head"]);

function isAllowed(name: string, value: string): boolean {
  if (name === "href") return /^(https?:|mailto:)/i.test(value);
  if (name === "data-asset") return isPictureId(value);
  return name !== "width" || /^\d{1,3}%$/.test(value);
}

/** What is told apart in a book that is put together, by the hub's names. The page's own begin with `printed-`. */
const PRINTED = new Set([
  "title-page", "subtitle", "author", "publisher", "rights", "contents", "inside", "front", "chapter", "back", "part", "title", "number",
  "name", "align-left", "align-center", "align-right", "align-justify", "blank", "scene-break", "rule", "picture", "small-caps", "notes",
]);
/** Elements that a book has besides those of its texts: boxes here. */
const BOXES = new Set(["header", "nav", "aside"]);

function copyInto(target: Node, source: Node): void {
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      target.appendChild(document.createTextNode(child.nodeValue ?? ""));
    } else if (child instanceof Element) {
      copyElement(target, child);
    }
  }
}

function copyElement(target: Node, source: Element): void {
  const name = BOXES.has(source.localName) ? "div" : source.localName;
  if (DROPPED.has(name)) return;
  const attributes = Object.hasOwn(ALLOWED, name) ? ALLOWED[name] : undefined;
  if (!attributes) {
    copyInto(target, source);
    return;
  }
  // Pictures are those of the book; of others the words are shown.
  if (name === "img" && !isPictureId(source.getAttribute("data-asset"))) {
    target.appendChild(document.createTextNode(source.getAttribute("alt") ?? ""));
    return;
  }
  const copy = document.createElement(name);
  const classes = [...source.classList].filter((given) => PRINTED.has(given));
  if (classes.length > 0) copy.className = classes.map((given) => `printed-${given}`).join(" ");
  for (const attribute of [...attributes, "lang", "dir"]) {
    const value = source.getAttribute(attribute);
    if (value === null) continue;
    if (!isAllowed(attribute, value)) continue;
    copy.setAttribute(attribute, value);
  }
  if (name === "a") {
    copy.setAttribute("target", "_blank");
    copy.setAttribute("rel", "noopener noreferrer");
  }
  copyInto(copy, source);
  target.appendChild(copy);
}

/** Parses HTML without running or loading anything, and copies what a book that is put together may contain. */
export function textFragment(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  copyInto(fragment, parsed.body);
  return fragment;
}
