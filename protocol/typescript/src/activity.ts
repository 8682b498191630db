/** Notices that the person does something, and says so now and then. It is no heartbeat: nothing is sent for nothing. */
import type { Environment, Listenable } from "./environment.js";

/** At most one `activity` frame in this time. */
export const ACTIVITY_MS = 30_000;

const SIGNS = ["pointerdown", "pointermove", "keydown", "input", "touchstart", "wheel"] as const;

/** Watches a page. */
export class Activity {
  readonly #environment: Environment;
  readonly #send: () => void;
  readonly #stops: (() => void)[] = [];
  #activeAt: number;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(environment: Environment, send: () => void) {
    this.#environment = environment;
    this.#send = send;
    this.#activeAt = environment.now();
    for (const sign of SIGNS) this.#listen(environment.page, sign, () => this.noted());
    this.#listen(environment.document, "visibilitychange", () => {
      if (environment.document?.visibilityState === "visible") this.noted();
    });
  }

  /** How long the person has done nothing. */
  get idleMs(): number {
    return Math.max(0, this.#environment.now() - this.#activeAt);
  }

  /** The person did something. */
  noted(): void {
    const now = this.#environment.now();
    this.#activeAt = now;
    // A clock that was set back must not silence a person until it has caught up.
    if (now - this.#sentAt < ACTIVITY_MS && now >= this.#sentAt) return;
    this.#sentAt = now;
    this.#send();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #listen(target: Listenable | undefined, name: string, listener: () => void): void {
    target?.addEventListener(name, listener, { passive: true, capture: true });
    this.#stops.push(() => target?.removeEventListener(name, listener, { capture: true }));
  }
}
