import { isAllowed } from "../addresses";
import { declarations } from "./styles";

/** How a stretch of text looks, as far as the schema knows it. */
export interface Look {
  bold: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  caps: boolean;
  code: boolean;
  shift: "sup" | "sub" | null;
  href: string | null;
}

export const PLAIN: Look = {
  bold: false, italic: false, underline: false, strike: false, caps: false, code: false, shift: null, href: null,
};

const BY_NAME: Record<string, Partial<Look>> = {
  b: { bold: true }, strong: { bold: true },
  i: { italic: true }, em: { italic: true }, cite: { italic: true }, dfn: { italic: true }, var: { italic: true },
  u: { underline: true }, ins: { underline: true },
  s: { strike: true }, strike: { strike: true }, del: { strike: true },
  sup: { shift: "sup" }, sub: { shift: "sub" },
  code: { code: true }, tt: { code: true }, kbd: { code: true }, samp: { code: true },
};

function byStyle(element: Element): Partial<Look> {
  const style = declarations(element);
  const look: Partial<Look> = {};
  const weight = style.get("font-weight");
  if (weight !== undefined) look.bold = /^bold/.test(weight) || Number(weight) >= 600;
  const slant = style.get("font-style");
  if (slant !== undefined) look.italic = /^(italic|oblique)/.test(slant);
  const lines = style.get("text-decoration-line") ?? style.get("text-decoration");
  if (lines !== undefined) {
    look.underline = lines.includes("underline");
    look.strike = lines.includes("line-through");
  }
  const variant = style.get("font-variant-caps") ?? style.get("font-variant");
  if (variant !== undefined) look.caps = variant.includes("small-caps");
  const shift = style.get("vertical-align");
  if (shift === "super" || shift === "sub") look.shift = shift === "super" ? "sup" : "sub";
  else if (shift === "baseline") look.shift = null;
  return look;
}

function hrefOf(element: Element): string | null {
  const href = element.getAttribute("href")?.trim() ?? "";
  // Without a scheme it led somewhere within the other document.
  return /^[a-z]+:/i.test(href) && isAllowed(href) ? href : null;
}

/** How text within this element looks, given how text around it does. */
export function lookWithin(element: Element, around: Look): Look {
  const look = { ...around, ...BY_NAME[element.localName], ...byStyle(element) };
  if (element.classList.contains("small-caps")) look.caps = true;
  if (element.localName === "a") look.href = hrefOf(element) ?? around.href;
  // A link looks like one by itself.
  if (look.href !== null) look.underline = false;
  return look;
}

/** A text within the elements that stand for its look. */
export function dressed(text: string, look: Look, owner: Document): Node {
  let node: Node = owner.createTextNode(text);
  const wrap = (name: string, attribute?: [string, string]): void => {
    const element = owner.createElement(name);
    if (attribute) element.setAttribute(...attribute);
    element.append(node);
    node = element;
  };
  if (look.code) wrap("code");
  if (look.shift) wrap(look.shift);
  if (look.caps) wrap("span", ["class", "small-caps"]);
  if (look.strike) wrap("s");
  if (look.underline) wrap("u");
  if (look.italic) wrap("em");
  if (look.bold) wrap("strong");
  if (look.href !== null) wrap("a", ["href", look.href]);
  return node;
}
