import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { FrameFault, json, messagePack, type Codec } from "../src/codec.js";
import type { ClientFrame } from "../src/generated/protocol.js";
import { Assembler, split } from "../src/parts.js";

const CODECS: [string, Codec][] = [
  ["MessagePack", messagePack],
  ["JSON", json],
];

describe.each(CODECS)("%s", (_, codec) => {
  const through = (frame: ClientFrame): unknown => codec.decode(codec.fromMessage(codec.toMessage(codec.encode(frame))));

  it("brings a frame through unchanged", () => {
    const frame: ClientFrame = { t: "lock.release", ref: 7, id: "x", book: "b1", chapter: "c3", token: 1_763_800_000_000_042 };
    expect(through(frame)).toEqual(frame);
  });

  it("leaves out what is undefined", () => {
    expect(through({ t: "presence", book: "b1", chapter: undefined } as never)).toEqual({ t: "presence", book: "b1" });
  });

  it("mends text that is no Unicode, which would end the connection", () => {
    const frame = { t: "chapter.rename", ref: 1, chapter: "c1", title: "half \ud83d of a face" } as const;
    expect(through(frame)).toMatchObject({ title: "half \ufffd of a face" });
    expect(through({ ...frame, title: "a whole \ud83d\ude00" })).toMatchObject({ title: "a whole 😀" });
  });

  it("brings bytes of a part through", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const part = through({ t: "part", last: true, data: codec.toPart(bytes) }) as { data: unknown };
    expect(codec.fromPart(part.data)).toEqual(bytes);
  });
});

describe("what is no frame", () => {
  it.each([
    ["a number", encode(7)],
    ["a list", encode([1])],
    ["a map without a kind", encode({ ref: 1 })],
    ["a kind that is no text", encode({ t: 1 })],
    ["bytes after the end", Uint8Array.of(...encode({ t: "x" }), 0)],
    ["a list that lies about its length", Uint8Array.of(0x81, 0xa1, 0x74, 0xdd, 0xff, 0xff, 0xff, 0xff)],
    ["half a frame", encode({ t: "reply", ref: 1 }).subarray(0, 5)],
    ["nothing", new Uint8Array()],
  ])("%s is refused in MessagePack", (_, bytes) => {
    expect(() => messagePack.decode(bytes)).toThrow(FrameFault);
  });

  it.each(["7", "[]", "null", '{"ref":1}', '{"t":1}', '{"t":"x"} 1', '{"t":', ""])("%s is refused in JSON", (text) => {
    expect(() => json.decode(new TextEncoder().encode(text))).toThrow(FrameFault);
  });

  it("is the wrong kind of message", () => {
    expect(() => messagePack.fromMessage("{}")).toThrow(FrameFault);
    expect(() => json.fromMessage(new ArrayBuffer(2))).toThrow(FrameFault);
    expect(() => json.fromPart("%%%")).toThrow(FrameFault);
    expect(() => json.fromPart(7)).toThrow(FrameFault);
  });
});

describe("parts", () => {
  const frame = Uint8Array.from({ length: 40 }, (_, index) => index);

  it("are put together to what was cut", () => {
    const pieces = split(frame, 16);
    expect(pieces.map(({ length }) => length)).toEqual([16, 16, 8]);
    const assembler = new Assembler(40);
    expect(assembler.add(pieces[0]!, false)).toBeUndefined();
    expect(assembler.isOpen).toBe(true);
    expect(assembler.add(pieces[1]!, false)).toBeUndefined();
    expect(assembler.add(pieces[2]!, true)).toEqual(frame);
    expect(assembler.isOpen).toBe(false);
  });

  it("are refused one byte over the limit", () => {
    const assembler = new Assembler(39);
    assembler.add(frame.subarray(0, 39), false);
    expect(() => assembler.add(frame.subarray(39), true)).toThrow(FrameFault);
  });

  it("are refused empty, for they could go on for ever", () => {
    expect(() => new Assembler(39).add(new Uint8Array(), false)).toThrow(FrameFault);
  });
});
