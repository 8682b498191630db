/** Says where the person is: the latest wins, one frame per book and tick, and everything again after a reconnect. */
import type { PresencePatch } from "./api.js";
import type { Environment } from "./environment.js";
import type { PresenceSet } from "./generated/protocol.js";

/** Frames in one tick; several books in one tab are rare, and the hub bounds frames per second. */
const PER_TICK_MAX = 2;

/** The presence of one session in all its books. */
export class PresenceSender {
  readonly #environment: Environment;
  readonly #tickMs: () => number;
  readonly #known = new Map<string, PresencePatch>();
  readonly #unsent = new Map<string, PresencePatch>();
  /** Books that this connection has opened; the hub takes presence for no other. */
  readonly #open = new Set<string>();
  #send: ((frame: PresenceSet) => void) | null = null;
  #cancelTick: (() => void) | null = null;

  constructor(environment: Environment, tickMs: () => number) {
    this.#environment = environment;
    this.#tickMs = tickMs;
  }

  set(book: string, patch: PresencePatch): void {
    this.#known.set(book, { ...this.#known.get(book), ...patch });
    if (!this.#open.has(book)) return;
    this.#unsent.set(book, { ...this.#unsent.get(book), ...patch });
    if (this.#cancelTick === null) this.#flush();
  }

  /** The hub has just opened the book for this connection and knows nothing of the person's place. */
  opened(book: string): void {
    this.#open.add(book);
    const known = this.#known.get(book);
    if (known !== undefined) this.set(book, known);
  }

  closed(book: string): void {
    this.#open.delete(book);
    this.#known.delete(book);
    this.#unsent.delete(book);
  }

  connected(send: (frame: PresenceSet) => void): void {
    this.#send = send;
  }

  disconnected(): void {
    this.#send = null;
    this.#open.clear();
    this.#unsent.clear();
    this.#cancelTick?.();
    this.#cancelTick = null;
  }

  #flush(): void {
    this.#cancelTick = null;
    if (this.#send === null || this.#unsent.size === 0) return;
    for (const [book, patch] of [...this.#unsent].slice(0, PER_TICK_MAX)) {
      this.#unsent.delete(book);
      this.#send({ t: "presence", book, ...patch });
    }
    this.#cancelTick = this.#environment.after(this.#tickMs(), () => this.#flush());
  }
}
