import { signal } from "@preact/signals";

/** Which of the three panes a narrow page shows; a wide one shows all. */
export type Pane = "chapters" | "text" | "comments";

export const pane = signal<Pane>("chapters");
