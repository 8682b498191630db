import type { Attempt, Delivery, DeliveryState, Topic } from "quire-client";
import { plural } from "./words";

/** Each topic as whoever is told by a webhook sees it. */
export const EVENT_LABEL: Record<Topic, string> = {
  invited: "Somebody is invited",
  role_changed: "A role is changed",
  removed: "Somebody is removed",
  mentioned: "Somebody is mentioned",
  replied: "A thread is answered",
  lock_asked: "A chapter is asked for",
  lock_received: "A chapter is handed on",
  lock_taken: "A chapter is taken over",
  lock_idle: "A chapter is released for inactivity",
  version_restored: "An old version is brought back",
  book_shelved: "A book comes into the library",
  assigned: "A chapter becomes a task",
  submitted: "A book waits for review",
  changes_requested: "Changes are requested",
  approved: "A book is approved",
  published: "A book is published",
  unpublished: "A book is taken back",
  access_requested: "Somebody asks to be let in",
  access_granted: "Somebody is let in",
  ownership_offered: "A book is offered",
  ownership_transferred: "A book has another owner",
};

export const EVENTS = Object.keys(EVENT_LABEL) as Topic[];

export const DELIVERY_LABEL: Record<DeliveryState, string> = {
  waiting: "Waits",
  delivered: "Delivered",
  given_up: "Given up",
  dropped: "Dropped: too much waited",
  withheld: "Not sent: it is so no more, or is not for whoever set this webhook",
};

/** What was sent, or will be. */
export function deliveryName({ topic }: Delivery): string {
  // A newer hub tells of things that this page does not know.
  return topic === null ? "Test" : (EVENT_LABEL[topic] ?? topic);
}

/** How the attempts went: of all the number, of the last what came of it. */
export function attemptsSay(attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (last === undefined) return "not tried yet";
  const came = last.problem ?? `it answered with status ${last.status ?? 200} in ${last.ms} ms`;
  return attempts.length === 1 ? came : `${plural(attempts.length, "attempt")}; the last: ${came}`;
}

/** What is shown of an address: the rest may be a secret between those who know it. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
