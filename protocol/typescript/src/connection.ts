/** One WebSocket from hello to its close: framing, parts, limits. It knows nothing of what comes after. */
import { FrameFault, type Codec } from "./codec.js";
import { HANG_UP_CODE } from "./closing.js";
import type { Environment, Socket } from "./environment.js";
import { QuireClosed } from "./errors.js";
import {
  CLOSE_CODES,
  DEFAULT_LIMITS,
  DEFAULT_TIMERS,
  type ClientFrame,
  type Hello,
  type Limits,
  type ServerFrame,
  type Welcome,
} from "./generated/protocol.js";
import { Assembler, split } from "./parts.js";

/** From the first byte to the welcome; a proxy that accepts and forwards nothing is given up then. */
export const OPEN_MS_MAX = 15_000;
/** The largest frame this client takes; snapshots of the largest books stay well below. */
export const INBOUND_BYTES_MAX = 16 * 1024 * 1024;

/** What a connection tells its owner. Nothing is told after `closed`. */
export interface ConnectionOwner {
  welcome(frame: Welcome): void;
  frame(frame: Exclude<ServerFrame, Welcome>): void;
  closed(code: number, reason: string): void;
}

/** How to open a connection. */
export interface ConnectionOptions {
  url: string;
  codec: Codec;
  hello: () => Hello;
}

/** One connection. */
export class Connection {
  readonly #environment: Environment;
  readonly #codec: Codec;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #parts = new Assembler(INBOUND_BYTES_MAX);
  #limits: Limits = DEFAULT_LIMITS;
  #partsMs: number = DEFAULT_TIMERS.parts_ms;
  #phase: "opening" | "greeting" | "joined" | "closed" = "opening";
  #cancelDeadline: () => void;

  constructor(environment: Environment, options: ConnectionOptions, owner: ConnectionOwner) {
    this.#environment = environment;
    this.#codec = options.codec;
    this.#owner = owner;
    this.#socket = environment.openSocket(options.url, options.codec.subprotocol);
    this.#cancelDeadline = environment.after(OPEN_MS_MAX, () => this.hangUp(HANG_UP_CODE, "no welcome"));
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => this.#opened(options.hello());
    this.#socket.onmessage = ({ data }) => this.#heard(data);
    // A close follows every error and says more; some WebSockets outside browsers insist on being listened to.
    this.#socket.onerror = () => {};
    this.#socket.onclose = ({ code, reason }) => this.#end(code, reason);
  }

  /** Sends a frame, in parts if it is large; answers its size. Throws {@link QuireClosed} if it is too large. */
  send(frame: ClientFrame): number {
    const bytes = this.#codec.encode(frame);
    if (bytes.length <= this.#limits.message_bytes) {
      this.#socket.send(this.#codec.toMessage(bytes));
      return bytes.length;
    }
    if (bytes.length > this.#limits.frame_bytes) {
      throw new QuireClosed("too_large", `A frame of ${bytes.length} bytes is over the hub's ${this.#limits.frame_bytes}.`);
    }
    const pieces = split(bytes, this.#limits.part_bytes);
    for (const [index, piece] of pieces.entries()) {
      const part = { t: "part", last: index === pieces.length - 1, data: this.#codec.toPart(piece) } as const;
      this.#socket.send(this.#codec.toMessage(this.#codec.encode(part)));
    }
    return bytes.length;
  }

  /** Closes from this side and tells the owner at once: a dead network never answers a close. */
  hangUp(code: number, reason: string): void {
    if (this.#phase === "closed") return;
    this.#socket.close(code, closeReason(reason));
    this.#end(code, reason);
  }

  /** As {@link hangUp}, without telling the owner. */
  abandon(code: number, reason: string): void {
    if (this.#phase === "closed") return;
    this.#detach();
    this.#socket.close(code, closeReason(reason));
  }

  #opened(hello: Hello): void {
    if (this.#socket.protocol !== this.#codec.subprotocol) {
      this.hangUp(CLOSE_CODES.protocol_error, `the other side does not speak ${this.#codec.subprotocol}`);
      return;
    }
    this.#phase = "greeting";
    this.send(hello);
  }

  #heard(data: unknown): void {
    let frame: ServerFrame | undefined;
    try {
      frame = this.#assemble(this.#codec.fromMessage(data));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      // Not 4000: the fault may be between us and the hub, and the locks shall outlive it.
      this.hangUp(HANG_UP_CODE, error.message);
      return;
    }
    if (frame !== undefined) this.#deliver(frame);
  }

  #assemble(bytes: Uint8Array): ServerFrame | undefined {
    if (bytes.length > INBOUND_BYTES_MAX) throw new FrameFault("a message that is too large");
    const frame = this.#codec.decode(bytes);
    if (frame.t !== "part") {
      if (this.#parts.isOpen) throw new FrameFault("a frame between parts");
      return frame;
    }
    const whole = this.#parts.add(this.#codec.fromPart(frame.data), frame.last === true);
    if (this.#phase === "joined") this.#watchParts();
    if (whole === undefined) return undefined;
    const assembled = this.#codec.decode(whole);
    if (assembled.t === "part") throw new FrameFault("parts within parts");
    return assembled;
  }

  /** From part to part: a slow line may take long for the whole. */
  #watchParts(): void {
    this.#cancelDeadline();
    if (!this.#parts.isOpen) return;
    this.#cancelDeadline = this.#environment.after(this.#partsMs, () => this.hangUp(HANG_UP_CODE, "a part is missing"));
  }

  #deliver(frame: ServerFrame): void {
    if (frame.t !== "welcome") {
      if (this.#phase === "joined") this.#owner.frame(frame);
      else this.hangUp(HANG_UP_CODE, "a frame before the welcome");
      return;
    }
    if (this.#phase !== "greeting") {
      this.hangUp(HANG_UP_CODE, "a second welcome");
      return;
    }
    this.#cancelDeadline();
    this.#phase = "joined";
    this.#limits = { ...DEFAULT_LIMITS, ...frame.limits };
    this.#partsMs = frame.timers.parts_ms;
    this.#owner.welcome(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#phase === "closed") return;
    this.#detach();
    this.#owner.closed(code, reason);
  }

  #detach(): void {
    this.#phase = "closed";
    this.#cancelDeadline();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
  }
}

/** A close frame has room for 123 bytes. */
function closeReason(reason: string): string {
  return reason.replace(/[^ -~]/g, "?").slice(0, 123);
}
