import { declarations } from "./styles";

/** Where a paragraph stands that Word shows as part of a list. */
export interface WordItem {
  list: string;
  /** From 1. */
  level: number;
  /** The number that it shows; none for a bullet. */
  number: number | null;
}

const ROMAN: Record<string, number> = { i: 1, v: 5, x: 10, l: 50, c: 100 };

function romanNumber(digits: string): number {
  const values = [...digits].map((digit) => ROMAN[digit] ?? 0);
  return values.reduce((sum, value, index) => sum + (value < (values[index + 1] ?? 0) ? -value : value), 0);
}

/** The number that a list's mark shows: `3.`, `(c)`, `iv)`; none for a bullet, among which is a lone `o`. */
export function markNumber(mark: string): number | null {
  const shown = /^\(?(\d+|[a-z]+)[.)]/i.exec(mark.trim().toLowerCase())?.[1];
  if (shown === undefined) return null;
  if (/^\d/.test(shown)) return Number(shown);
  if (/^[ivxlc]+$/.test(shown) && shown !== "c" && shown !== "l") return romanNumber(shown);
  return shown.length === 1 ? shown.charCodeAt(0) - 96 : 1;
}

/** Takes the mark of Word's list out of a paragraph and says where the paragraph stands; none if it is not in a list. */
export function takeWordItem(paragraph: Element): WordItem | null {
  const said = declarations(paragraph).get("mso-list") ?? "";
  const marks = [...paragraph.querySelectorAll("*")].filter((element) => declarations(element).get("mso-list") === "ignore");
  const mark = marks.map((element) => element.textContent).join("");
  for (const element of marks) element.remove();
  const place = /^(l\d+) level(\d+)/.exec(said);
  if (!place) return null;
  return { list: place[1] ?? "", level: Number(place[2]), number: markNumber(mark) };
}

/** Whether an item stands in this one's list, or in a list within it. */
function belongs(item: WordItem, last: WordItem): boolean {
  if (item.level !== last.level) return item.level > last.level;
  return item.list === last.list && (item.number === null) === (last.number === null);
}

/** Builds real lists of paragraphs that only look like one. Feed it blocks in order; `end` when something else follows. */
export class WordLists {
  /** The open lists, outermost first. */
  #open: { element: HTMLElement; item: WordItem }[] = [];

  /** The list item to put this paragraph into, within `target`. */
  next(item: WordItem, target: Element): HTMLElement {
    const { ownerDocument: owner } = target;
    for (let last = this.#open.at(-1); last && !belongs(item, last.item); last = this.#open.at(-1)) this.#open.pop();
    const around = this.#open.at(-1);
    if (!around || around.item.level < item.level) {
      const element = owner.createElement(item.number === null ? "ul" : "ol");
      if (item.number !== null && item.number !== 1) element.setAttribute("start", `${item.number}`);
      (around?.element.lastElementChild ?? target).append(element);
      this.#open.push({ element, item });
    }
    const entry = owner.createElement("li");
    this.#open.at(-1)?.element.append(entry);
    return entry;
  }

  end(): void {
    this.#open = [];
  }
}
