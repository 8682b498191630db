import { Mark } from "@tiptap/core";
import TipTapLink from "@tiptap/extension-link";
import { isAllowed } from "./addresses";

/** The hub knows a mark that excludes itself by its bare name; only such marks are made here. */
const RAISED_OR_LOWERED = "superscript subscript";

export const SmallCaps = Mark.create({
  name: "smallCaps",
  parseHTML: () => [{ tag: "span.small-caps" }],
  renderHTML: () => ["span", { class: "small-caps" }, 0],
});

export const Superscript = Mark.create({
  name: "superscript",
  excludes: RAISED_OR_LOWERED,
  parseHTML: () => [{ tag: "sup" }],
  renderHTML: () => ["sup", 0],
});

export const Subscript = Mark.create({
  name: "subscript",
  excludes: RAISED_OR_LOWERED,
  parseHTML: () => [{ tag: "sub" }],
  renderHTML: () => ["sub", 0],
});

/** A link is its address; where it opens is the page's business, not the document's. */
export const Link = TipTapLink.extend({
  addAttributes: () => ({ href: { default: null } }),
}).configure({
  // “the end.As” is no address of a host.
  shouldAutoLink: (typed) => /^(https?:\/\/|mailto:)/i.test(typed),
  isAllowedUri: (address) => isAllowed(address),
  HTMLAttributes: { target: "_blank", rel: "noopener noreferrer" },
});
