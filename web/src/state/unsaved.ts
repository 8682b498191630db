import { signal } from "@preact/signals";

/** How many updates of each chapter wait to be stored. */
export const unsaved = signal<ReadonlyMap<string, number>>(new Map());

export function noteUnsaved(chapter: string, count: number): void {
  const next = new Map(unsaved.value);
  if (count === 0) next.delete(chapter);
  else next.set(chapter, count);
  unsaved.value = next;
}
