import { writeVarUint } from "lib0/encoding";
import { ContentString, ContentType, createID, decodeUpdate, Item, UpdateEncoderV1 } from "yjs";

type Decoded = ReturnType<typeof decodeUpdate>;
type Struct = Decoded["structs"][number];

/** Bytes around the structs of an update: how many clients, how many structs, whose, from where; and no deletes. */
const HEAD_BYTES = 32;
/** Ranges of deletes in one update: each takes at most ten bytes. */
const RANGES_MAX = 2_000;

/**
 * Cuts an update of one client into updates of at most `bytes_max` bytes that do the same one after the other. Each goes
 * on where the last one ended; the deletes come last. Where it can be, a cut is between two whole elements, so that the
 * document is what its schema says in between too. An update that is small enough stays byte for byte what it is.
 */
export function cutUpdate(update: Uint8Array, bytes_max: number): Uint8Array[] {
  if (update.length <= bytes_max) return [update];
  const { structs, ds } = decodeUpdate(update);
  return [...cutStructs(structs, bytes_max - HEAD_BYTES).map(encodeStructs), ...encodeDeletes(ds)];
}

/** Whose structs an update begins with; null if it only deletes. */
export function writerOf(update: Uint8Array | undefined): number | null {
  const first = update && decodeUpdate(update).structs[0];
  return first ? first.id.client : null;
}

function cutStructs(structs: readonly Struct[], bytes_max: number): Struct[][] {
  const parts: Struct[][] = [];
  let part: { struct: Struct; bytes: number }[] = [];
  let bytes = 0;
  for (const struct of structs.flatMap((whole) => cutText(whole, bytes_max))) {
    const more = sizeOf(struct);
    if (part.length > 0 && bytes + more > bytes_max) {
      const rest = part.splice(placeToCut(part));
      parts.push(part.map((entry) => entry.struct));
      part = rest;
      bytes = rest.reduce((sum, entry) => sum + entry.bytes, 0);
    }
    part.push({ struct, bytes: more });
    bytes += more;
  }
  if (part.length > 0) parts.push(part.map((entry) => entry.struct));
  return parts;
}

/** Where to end a part that is full: before the last element that has another one before it, but not before half of it. */
function placeToCut(part: readonly { struct: Struct; bytes: number }[]): number {
  const total = part.reduce((sum, { bytes }) => sum + bytes, 0);
  let after = 0;
  for (let at = part.length - 1; at > 0 && after <= total / 2; at -= 1) {
    const { struct, bytes } = part[at] ?? { struct: undefined, bytes: 0 };
    after += bytes;
    if (struct instanceof Item && struct.content instanceof ContentType && struct.origin !== null) return at;
  }
  return part.length;
}

/** A long text as several, each a neighbour of the one before. */
function cutText(struct: Struct, bytes_max: number): Struct[] {
  if (!(struct instanceof Item) || !(struct.content instanceof ContentString) || sizeOf(struct) <= bytes_max) return [struct];
  const { str } = struct.content;
  // A UTF-16 unit takes at most three bytes; the rest is for the neighbours' ids.
  const units_max = Math.floor((bytes_max - HEAD_BYTES) / 3);
  const items: Item[] = [];
  for (let from = 0; from < str.length; ) {
    let to = Math.min(from + units_max, str.length);
    if (to < str.length && /[\ud800-\udbff]/.test(str[to - 1] ?? "")) to -= 1;
    const { client, clock } = struct.id;
    const origin = from === 0 ? struct.origin : createID(client, clock + from - 1);
    const content = new ContentString(str.slice(from, to));
    items.push(new Item(createID(client, clock + from), null, origin, null, struct.rightOrigin, struct.parent, struct.parentSub, content));
    from = to;
  }
  return items;
}

function sizeOf(struct: Struct): number {
  const encoder = new UpdateEncoderV1();
  struct.write(encoder, 0);
  return encoder.toUint8Array().length;
}

function encodeStructs(structs: readonly Struct[]): Uint8Array {
  const encoder = new UpdateEncoderV1();
  const { client, clock } = structs[0]?.id ?? createID(0, 0);
  for (const head of [1, structs.length, client, clock]) writeVarUint(encoder.restEncoder, head);
  for (const struct of structs) struct.write(encoder, 0);
  writeVarUint(encoder.restEncoder, 0);
  return encoder.toUint8Array();
}

/** The deletes of a document's clients, as updates that write nothing. */
function encodeDeletes({ clients }: Decoded["ds"]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const [client, ranges] of clients) {
    for (let from = 0; from < ranges.length; from += RANGES_MAX) {
      const some = ranges.slice(from, from + RANGES_MAX);
      const encoder = new UpdateEncoderV1();
      for (const head of [0, 1, client, some.length]) writeVarUint(encoder.restEncoder, head);
      for (const { clock, len } of some) {
        encoder.writeDsClock(clock);
        encoder.writeDsLen(len);
      }
      parts.push(encoder.toUint8Array());
    }
  }
  return parts;
}
