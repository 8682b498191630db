import { signal } from "@preact/signals";

/** What is open beside the text: asked for by a key in the editor or by a button, shown by the view. */
export type Panel = "link" | "picture" | "shortcuts" | "find" | null;

export const panel = signal<Panel>(null);
