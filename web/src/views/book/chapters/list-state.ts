import { signal } from "@preact/signals";

/** The chapter that arrows start from: the one that had the focus last. */
export const focused = signal<string | null>(null);
/** Parts that are folded. */
export const collapsed = signal<ReadonlySet<string>>(new Set());
/** The chapter whose title is being changed. */
export const renaming = signal<string | null>(null);
/** The chapter about whose task somebody is asked. */
export const assigning = signal<string | null>(null);
/** The chapter that is being dragged. */
export const dragged = signal<string | null>(null);

export function toggleCollapsed(part: string): void {
  const next = new Set(collapsed.value);
  if (!next.delete(part)) next.add(part);
  collapsed.value = next;
}

/** Moves the focus within the list, from the row that has it. */
export function focusNeighbour(from: HTMLElement, to: "previous" | "next" | "first" | "last"): void {
  const titles = [...(from.closest("ol")?.querySelectorAll<HTMLElement>(".chapter-title") ?? [])];
  const at = titles.indexOf(from);
  const target = {
    previous: titles[Math.max(at - 1, 0)],
    next: titles[at + 1],
    first: titles[0],
    last: titles.at(-1),
  }[to];
  target?.focus();
}

/** After a change that may have taken the focused row away and put it elsewhere. */
export function focusChapter(chapter: string): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(`[data-chapter="${CSS.escape(chapter)}"] .chapter-title`)?.focus();
  });
}
