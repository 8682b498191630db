import { signal } from "@preact/signals";
import type { Delivery, Webhook } from "quire-client";
import { messageOf } from "../lib/refusal";
import { connected } from "./session";

/** The library's webhooks, as whoever may manage settings sees them. */
export const webhooks = signal<{ rows: readonly Webhook[]; error?: string }>({ rows: [] });

let round = 0;

export async function loadWebhooks(): Promise<void> {
  round += 1;
  const mine = round;
  try {
    const rows = await connected().library.webhooks();
    if (mine === round) webhooks.value = { rows };
  } catch (reason) {
    if (mine === round) webhooks.value = { rows: [], error: messageOf(reason) };
  }
}

/** Keeps them current for as long as they are looked at; answers how to end that. */
export function followWebhooks(): () => void {
  void loadWebhooks();
  const stop = connected().on("library", (change) => {
    if (change.webhooks) void loadWebhooks();
  });
  return () => {
    round += 1;
    stop();
    webhooks.value = { rows: [] };
  };
}

/** While something waits, it is looked again this often, milliseconds: nobody tells of a delivery. */
const AGAIN_MS = 2_000;

/** Tells `show` what a webhook was sent, now and while something waits; answers how to end that, and how to look at once. */
export function followDeliveries(
  webhook: string,
  show: (deliveries: readonly Delivery[]) => void,
  fail: (message: string) => void,
): { look: () => Promise<void>; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const { deliveries, waiting } = await connected().library.deliveries(webhook);
      if (over) return;
      show(deliveries);
      clearTimeout(timer);
      if (waiting > 0) timer = setTimeout(() => void look(), AGAIN_MS);
    } catch (reason) {
      if (!over) fail(messageOf(reason));
    }
  };
  void look();
  return {
    look,
    stop: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}
