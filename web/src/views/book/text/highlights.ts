import { rangeOf, type Span, spanOf } from "../../../lib/anchor";
import type { PlacedThread } from "../../../state/threads";

/** Marks go through the CSS Custom Highlight API; a browser without it shows the quotes in the margin alone. */
const supported = typeof Highlight !== "undefined" && "highlights" in CSS;

const ALL = "comment";
const ACTIVE = "comment-active";

function scrollTo(range: Range): void {
  const box = range.getBoundingClientRect();
  if (box.top >= 80 && box.bottom <= innerHeight - 80) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  range.startContainer.parentElement?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}

let shownActive: string | null = null;

/** Marks open threads, and more strongly the active one and a draft's stretch; answers what takes the marks away. */
export function paintHighlights(root: HTMLElement, placed: PlacedThread[], active: string | null, drafted: Span | undefined): () => void {
  const all: Range[] = [];
  const strong: Range[] = [];
  for (const { thread, span } of placed) {
    const range = span && rangeOf(root, span);
    if (!range) continue;
    if (thread.id === active) {
      strong.push(range);
      if (shownActive !== active) scrollTo(range);
    } else if (!thread.resolved) {
      all.push(range);
    }
  }
  shownActive = active;
  const draftRange = drafted && rangeOf(root, drafted);
  if (draftRange) strong.push(draftRange);
  if (!supported) return () => undefined;
  CSS.highlights.set(ALL, new Highlight(...all));
  CSS.highlights.set(ACTIVE, new Highlight(...strong));
  return () => {
    CSS.highlights.delete(ALL);
    CSS.highlights.delete(ACTIVE);
  };
}

/** The thread whose stretch of the text was clicked. */
export function threadAt(root: HTMLElement, event: MouseEvent, placed: PlacedThread[]): string | undefined {
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  if (!caret) return undefined;
  const point = document.createRange();
  point.setStart(caret.offsetNode, caret.offset);
  const at = spanOf(root, point)?.start;
  if (at === undefined) return undefined;
  return placed.find(({ thread, span }) => !thread.resolved && span && span.start <= at && at < span.end)?.thread.id;
}
