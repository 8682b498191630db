/**
 * Commands that wait for their answers, over reconnects. A changing command keeps its id however often it is sent,
 * so that it takes effect once (I9); the number of waiting commands is bounded (I5).
 */
import { fullJitterMs } from "./backoff.js";
import type { Environment } from "./environment.js";
import { QuireClosed, QuireRefusal } from "./errors.js";
import { BOOK_COMMAND_KINDS, type BookCommandKind, type Command, type CommandFrame, type Refusal, type Reply } from "./generated/protocol.js";
import { newId } from "./ids.js";

/** Requests that may wait at once. */
export const UNANSWERED_MAX = 256;
/** How often a command is sent again after the hub said "not now" or "perhaps". */
export const RETRIES_MAX = 5;
/** An answer that takes longer on a connection that is otherwise silent means that the connection is dead. */
export const STALL_MS = 30_000;
/** Longest wait before an unsettled command is sent again. */
const UNKNOWN_CAP_MS = 5_000;

const CHANGING: ReadonlySet<string> = new Set(BOOK_COMMAND_KINDS);
/** What they bring belongs to the session that asked. */
const FOR_SESSION: ReadonlySet<string> = new Set(["lock.acquire", "lock.move_here"] satisfies BookCommandKind[]);

/** What becomes of a request. `ok` runs before the next frame is looked at. */
export interface Outcome {
  ok(answer: never, reply: Reply): void;
  failed(error: unknown): void;
}

/** How to treat a request. */
export interface Treatment {
  /** Forgotten with its connection, without a word: whoever asked asks again on the next one. */
  ofConnection?: boolean;
  /** Sent again as long as the hub says "not now". */
  patient?: boolean;
}

interface Pending {
  readonly command: Command;
  readonly book: string | undefined;
  id: string | undefined;
  readonly outcome: Outcome;
  readonly treatment: Treatment;
  state: "queued" | "sent" | "delayed";
  /** The number under which it was sent last on this connection. */
  ref: number;
  sentAt: number;
  bytes: number;
  /** It may have been executed already. */
  retry: boolean;
  /** How often the hub put it off. */
  puttings: number;
  cancelDelay: () => void;
}

/** Sends a frame; answers its size. */
export type Send = (frame: CommandFrame) => number;

/** The requests of one client. */
export class Requests {
  readonly #environment: Environment;
  readonly #onStall: () => void;
  readonly #waiting = new Set<Pending>();
  readonly #sent = new Map<number, Pending>();
  #send: Send | null = null;
  #lastRef = 0;
  #heardAt = 0;
  #watching = false;

  constructor(environment: Environment, onStall: () => void) {
    this.#environment = environment;
    this.#onStall = onStall;
  }

  /** Sends a command, now or as soon as there is a connection; answers what forgets it. */
  add(command: Command, book: string | undefined, outcome: Outcome, treatment: Treatment = {}): () => void {
    if (this.#waiting.size >= UNANSWERED_MAX && !treatment.ofConnection) {
      outcome.failed(new QuireClosed("busy", `${UNANSWERED_MAX} requests wait for an answer already.`));
      return () => {};
    }
    const id = CHANGING.has(command.t) ? newId(this.#environment) : undefined;
    const fresh = { state: "queued", ref: 0, sentAt: 0, bytes: 0, retry: false, puttings: 0, cancelDelay: () => {} } as const;
    const pending: Pending = { command, book, id, outcome, treatment, ...fresh };
    this.#waiting.add(pending);
    this.#transmit(pending);
    return () => this.#forget(pending);
  }

  /** There is a connection: what `first` asks for goes out, then everything that waits, in the order it was asked in. */
  connected(send: Send, resumed: boolean, first: () => void): void {
    const waiting = [...this.#waiting];
    if (!resumed) for (const pending of waiting) this.#askAnew(pending);
    this.#send = send;
    first();
    for (const pending of waiting) if (pending.state === "queued") this.#transmit(pending);
  }

  /** The connection is gone. `tooLarge`: over a message that was too large, so large ones are not sent again. */
  disconnected(tooLarge: boolean, messageBytes: number): void {
    this.#send = null;
    for (const pending of this.#sent.values()) {
      pending.state = "queued";
      pending.retry = pending.id !== undefined;
    }
    this.#sent.clear();
    for (const pending of [...this.#waiting]) {
      if (pending.treatment.ofConnection) this.#forget(pending);
      else if (tooLarge && pending.bytes > messageBytes) {
        this.#fail(pending, new QuireClosed("too_large", "The hub hung up over the size of this command."));
      }
    }
  }

  /** The hub said something, whatever it was. */
  heard(): void {
    this.#heardAt = this.#environment.now();
  }

  /** An answer. Answers to what was forgotten are dropped. */
  reply(reply: Reply): void {
    const pending = this.#sent.get(reply.ref);
    if (pending === undefined) return;
    this.#sent.delete(reply.ref);
    if (reply.err !== undefined) {
      this.#refused(pending, reply.err);
      return;
    }
    this.#forget(pending);
    pending.outcome.ok((reply.ok ?? {}) as never, reply);
  }

  /** Nothing more can be answered. */
  rejectAll(error: QuireClosed): void {
    for (const pending of [...this.#waiting]) {
      if (pending.treatment.ofConnection) this.#forget(pending);
      else this.#fail(pending, error);
    }
  }

  /** The first reply may have granted the lock to a session that is over: a new session asks as if for the first time. */
  #askAnew(pending: Pending): void {
    if (!FOR_SESSION.has(pending.command.t)) return;
    pending.id = newId(this.#environment);
    pending.retry = false;
  }

  #transmit(pending: Pending): void {
    if (this.#send === null) return;
    const { command, book, id, retry } = pending;
    this.#lastRef += 1;
    pending.ref = this.#lastRef;
    const around = { ref: pending.ref, ...(id && { id }), ...(retry && { retry }), ...(book !== undefined && { book }) };
    try {
      pending.bytes = this.#send({ ...command, ...around } as CommandFrame);
    } catch (error) {
      this.#fail(pending, error);
      return;
    }
    pending.state = "sent";
    pending.sentAt = this.#environment.now();
    this.#sent.set(pending.ref, pending);
    this.#watch();
  }

  #refused(pending: Pending, refusal: Refusal): void {
    const delay = this.#putOffMs(pending, refusal);
    if (delay === null) {
      this.#fail(pending, new QuireRefusal(refusal));
      return;
    }
    pending.puttings += 1;
    pending.state = "delayed";
    // "Not now" was not executed, "perhaps" may have been.
    pending.retry = refusal.code === "outcome_unknown" || pending.retry;
    pending.cancelDelay = this.#environment.after(delay, () => {
      pending.state = "queued";
      this.#transmit(pending);
    });
  }

  #putOffMs(pending: Pending, refusal: Refusal): number | null {
    if (pending.puttings >= RETRIES_MAX && !pending.treatment.patient) return null;
    const { random } = this.#environment;
    switch (refusal.code) {
      case "rate_limited":
      case "unavailable":
        // Never before the hub's hint, and not all at the same moment after it.
        return refusal.retry_after_ms + fullJitterMs(pending.puttings, UNKNOWN_CAP_MS, random());
      case "outcome_unknown":
        return pending.id === undefined ? null : fullJitterMs(pending.puttings, UNKNOWN_CAP_MS, random());
      default:
        return null;
    }
  }

  /** One look at the oldest answer that is due, as long as there is one. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#environment.after(STALL_MS, () => {
      this.#watching = false;
      if (this.#sent.size === 0) return;
      const silentMs = this.#environment.now() - this.#heardAt;
      const oldest = Math.min(...Array.from(this.#sent.values(), (pending) => pending.sentAt));
      if (silentMs >= STALL_MS && this.#environment.now() - oldest >= STALL_MS) this.#onStall();
      else this.#watch();
    });
  }

  #forget(pending: Pending): void {
    pending.cancelDelay();
    this.#waiting.delete(pending);
    if (pending.state === "sent") this.#sent.delete(pending.ref);
  }

  #fail(pending: Pending, error: unknown): void {
    this.#forget(pending);
    pending.outcome.failed(error);
  }
}
