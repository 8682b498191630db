/** Frames to bytes and back, in both encodings. What comes in is not trusted to be a frame. */
import { decode as decodeMessagePack, encode as encodeMessagePack } from "@msgpack/msgpack";

import type { ClientFrame, ServerFrame, Subprotocol } from "./generated/protocol.js";

/** The hub (or something between) sent what is no frame: the connection cannot be trusted any more. */
export class FrameFault extends Error {
  override readonly name = "FrameFault";
}

/** One way of writing frames. */
export interface Codec {
  readonly subprotocol: Subprotocol;
  encode(frame: ClientFrame): Uint8Array;
  decode(bytes: Uint8Array): ServerFrame;
  /** Bytes as one WebSocket message. */
  toMessage(bytes: Uint8Array): string | Uint8Array<ArrayBuffer>;
  /** One WebSocket message as bytes. */
  fromMessage(data: unknown): Uint8Array;
  /** Bytes as the `data` of a part, and back. */
  toPart(bytes: Uint8Array): Uint8Array | string;
  fromPart(data: unknown): Uint8Array;
}

/** Bytes of a frame, in whichever encoding it came: an anchor's positions, for one. */
export function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === "string" ? json.fromPart(value) : value;
}

/** `quire.v1.msgpack`. */
export const messagePack: Codec = {
  subprotocol: "quire.v1.msgpack",
  encode: (frame) => encodeMessagePack(wellFormed(frame), { ignoreUndefined: true }),
  decode: (bytes) => {
    // No list or map of a frame has more entries than the frame has bytes: a lying length fails before it is built.
    const most = bytes.length;
    return asFrame(() =>
      decodeMessagePack(bytes, { maxStrLength: most, maxBinLength: most, maxArrayLength: most, maxMapLength: most }),
    );
  },
  toMessage: (bytes) => bytes as Uint8Array<ArrayBuffer>,
  fromMessage: bytesOnly,
  toPart: (bytes) => bytes,
  fromPart: bytesOnly,
};

/** `quire.v1.json`. */
export const json: Codec = {
  subprotocol: "quire.v1.json",
  encode: (frame) => new TextEncoder().encode(JSON.stringify(wellFormed(frame))),
  decode: (bytes) => asFrame(() => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))),
  toMessage: (bytes) => new TextDecoder().decode(bytes),
  fromMessage: (data) => {
    if (typeof data !== "string") throw new FrameFault("a binary message on a JSON connection");
    return new TextEncoder().encode(data);
  },
  toPart: (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
  fromPart: (data) => {
    if (typeof data !== "string") throw new FrameFault("a part without base64 data");
    try {
      return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    } catch {
      throw new FrameFault("a part whose data is not base64");
    }
  },
};

function bytesOnly(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new FrameFault("text on a MessagePack connection");
}

function asFrame(read: () => unknown): ServerFrame {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    throw new FrameFault(error instanceof Error ? error.message : String(error));
  }
  if (typeof value !== "object" || value === null || typeof (value as { t?: unknown }).t !== "string") {
    throw new FrameFault("a frame is a map with the field t");
  }
  return value as ServerFrame;
}

/**
 * Text with half of a surrogate pair (cut by a program that counts UTF-16 units) is no UTF-8: the hub would end the
 * connection over it.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\p{Surrogate}/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, wellFormed(entry)]));
  }
  return value;
}
