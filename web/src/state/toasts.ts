import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  text: string;
  /** What else there is to say, such as the reason somebody gave. */
  detail?: string;
  tone: "info" | "warn";
  /** Counts down to this time. */
  until_at?: number;
  action?: { label: string; run: () => void };
}

/** How long a toast stays that needs no answer. */
const SHOWN_MS = 8_000;
/** More at once would hide the page; the oldest goes first. */
const TOASTS_MAX = 4;

export const toasts = signal<Toast[]>([]);
/** What a screen reader is told; not shown. */
export const announcement = signal("");

let nextId = 1;

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function toast(text: string, more: Partial<Omit<Toast, "id" | "text">> = {}): number {
  const id = nextId++;
  const fresh: Toast = { id, text, tone: "info", ...more };
  toasts.value = [...toasts.value, fresh].slice(-TOASTS_MAX);
  const stays_ms = more.until_at === undefined ? SHOWN_MS : more.until_at - Date.now();
  if (more.tone !== "warn" || more.until_at !== undefined) setTimeout(() => dismiss(id), stays_ms);
  return id;
}

/** Says something to screen readers alone, for what others see anyway. */
export function announce(text: string): void {
  announcement.value = text;
}
