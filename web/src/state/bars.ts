import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** What stands under the lock bar and stays in view with it: the tools of whatever text is shown. */
export const bars = signal<ComponentChildren>(null);
