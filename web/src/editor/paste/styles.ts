/** Where a style is kept while HTML is parsed. */
const KEPT_AS = "data-style";

/** HTML whose styles the browser takes for none: the page's policy allows none, and each would be reported. */
export function withoutStyles(html: string): string {
  return html
    .replace(/<style[\s>][\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, ` ${KEPT_AS}=`));
}

/** What the style of an element said, in lower case. */
export function declarations(element: Element): Map<string, string> {
  const found = new Map<string, string>();
  for (const declaration of (element.getAttribute(KEPT_AS) ?? "").split(";")) {
    const colon = declaration.indexOf(":");
    if (colon < 0) continue;
    const value = declaration.slice(colon + 1).replace("!important", "");
    found.set(declaration.slice(0, colon).trim().toLowerCase(), value.trim().toLowerCase());
  }
  return found;
}
