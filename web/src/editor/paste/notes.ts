import { declarations } from "./styles";

/** What Word and LibreOffice put the paragraphs of a note into. */
const NOTES = "div[id^=ftn], div[id^=edn], div[id^=sdfootnote], div[id^=sdendnote]";

/** What holds the text of the note that this link leads back from. */
function holderOf(back: Element): Element | null {
  return back.closest(NOTES) ?? back.closest("li") ?? back.closest("p");
}

function targetOf(anchor: Element): string {
  return (anchor.getAttribute("href") ?? "").slice(1);
}

function isNamed(anchor: Element, name: string): boolean {
  return name !== "" && (anchor.id === name || anchor.getAttribute("name") === name || anchor.closest("[id]")?.id === name);
}

/**
 * Finds notes by the two links that every word processor writes, from the text to the note and back. Takes the notes out
 * of the document; answers for each link in the text what its note says.
 */
export function takeNotes(root: Element): Map<Element, Element> {
  const anchors = [...root.querySelectorAll("a[href^='#']")];
  const notes = new Map<Element, Element>();
  const backs = new Set<Element>();
  anchors.forEach((reference, index) => {
    if (backs.has(reference)) return;
    const back = anchors.slice(index + 1).find((later) => isNamed(later, targetOf(reference)) && isNamed(reference, targetOf(later)));
    const holder = back && holderOf(back);
    if (!holder || holder.contains(reference)) return;
    backs.add(back);
    notes.set(reference, holder);
  });
  for (const back of backs) back.remove();
  for (const holder of notes.values()) holder.remove();
  if (notes.size > 0) tidyFoot(root);
  return notes;
}

/** Without notes, what set them apart is no scene break. */
function tidyFoot(root: Element): void {
  for (const list of root.querySelectorAll("div")) {
    if (/^(foot|end)note-list$/.test(declarations(list).get("mso-element") ?? "")) list.remove();
  }
  for (const rule of [...root.querySelectorAll("hr")].reverse()) {
    const rest = root.ownerDocument.createRange();
    rest.setStartAfter(rule);
    rest.setEnd(root, root.childNodes.length);
    if (rest.toString().trim() === "") rule.remove();
  }
}
