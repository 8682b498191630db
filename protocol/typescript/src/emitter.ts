/** Listeners: typed, called in order, none of them able to disturb another. */
import type { Unsubscribe } from "./api.js";

/** A set of listeners for named occurrences. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  on<K extends keyof Events>(name: K, listener: (value: Events[K]) => void): Unsubscribe {
    // A listener added twice is called twice, and each is taken back alone.
    const own = (value: Events[K]): void => listener(value);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(own));
    return () => listeners.delete(own);
  }

  emit<K extends keyof Events>(name: K, value: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (value: Events[K]) => void)(value);
      } catch (error) {
        this.#report(error);
      }
    }
  }
}
