/** New ids: UUIDv7, so that they sort by time. */
import { browserEnvironment, type Environment } from "./environment.js";

/** A new id for a book, chapter, thread, comment, invitation or command. */
export function newId(environment: Pick<Environment, "now" | "randomBytes"> = browserEnvironment()): string {
  const bytes = Uint8Array.from(environment.randomBytes(16));
  const view = new DataView(bytes.buffer);
  const now = environment.now();
  view.setUint32(0, Math.floor(now / 2 ** 16));
  view.setUint16(4, now % 2 ** 16);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
