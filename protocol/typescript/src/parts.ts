/** Frames larger than one WebSocket message may be travel in parts. */
import { FrameFault } from "./codec.js";

/** Cuts a frame into pieces of at most `partBytes`. */
export function split(frame: Uint8Array, partBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < frame.length; start += partBytes) pieces.push(frame.subarray(start, start + partBytes));
  return pieces;
}

/** Puts parts together, up to a limit. */
export class Assembler {
  readonly #bytesMax: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A frame has begun and is not complete; only parts may come now. */
  get isOpen(): boolean {
    return this.#pieces.length > 0;
  }

  /** Takes the next piece; answers the frame if it was the last. */
  add(piece: Uint8Array, last: boolean): Uint8Array | undefined {
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMax) throw new FrameFault(`parts of more than ${this.#bytesMax} bytes`);
    // An empty piece says nothing: without this a hub could send them for ever.
    if (piece.length === 0 && !last) throw new FrameFault("an empty part");
    this.#pieces.push(piece);
    if (!last) return undefined;
    const frame = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#pieces) {
      frame.set(part, at);
      at += part.length;
    }
    [this.#pieces, this.#bytes] = [[], 0];
    return frame;
  }
}
