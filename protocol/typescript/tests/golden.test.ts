import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

import { apply } from "../src/book/reducer.js";
import { opened } from "../src/book/opened.js";
import { Unexplained } from "../src/book/model.js";
import { json, messagePack } from "../src/codec.js";
import { EPOCH, openedWith } from "./world.js";
import type { ClientFrame, EventFrame } from "../src/generated/protocol.js";

/** The bytes that every version must read for ever, shared with the hub's own tests. */
const GOLDEN = new URL("../../golden/v1/", import.meta.url);

const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, GOLDEN)));
const names = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`, GOLDEN))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.replace(/\.json$/, ""));

/** Fields that hold bytes, wherever they are. */
const BINARY = ["data", "update", "start", "end"];

/** Bytes are base64 in JSON. */
function binary(frame: object, text: object, field: string): void {
  const [bytes, base64] = [Reflect.get(frame, field), Reflect.get(text, field)] as [unknown, unknown];
  if (typeof base64 !== "string") return;
  const read = json.fromPart(base64);
  expect(bytes).toEqual(read);
  Reflect.set(frame, field, read);
  Reflect.set(text, field, read);
}

function binaries(frame: object, text: object): void {
  for (const field of BINARY) binary(frame, text, field);
  for (const [name, inner] of Object.entries(frame) as [string, unknown][]) {
    const other: unknown = Reflect.get(text, name);
    if (inner instanceof Uint8Array || typeof inner !== "object" || inner === null) continue;
    if (typeof other === "object" && other !== null) binaries(inner, other);
  }
}

it.each(["client", "server", "command", "event", "notice"].flatMap((folder) => names(folder).map((name) => `${folder}/${name}`)))(
  "%s reads the same in both encodings",
  (path) => {
    const frame = messagePack.decode(bytes(`${path}.msgpack`));
    const text = json.decode(bytes(`${path}.json`));
    binaries(frame, text);
    expect(frame).toEqual(text);
    expect(messagePack.decode(messagePack.encode(frame as ClientFrame))).toEqual(frame);
  },
);

it.each(names("event"))("event %s is known", (name) => {
  const frame = messagePack.decode(bytes(`event/${name}.msgpack`)) as EventFrame;
  const model = opened(openedWith(), null);
  try {
    const applied = apply(model, { ...frame, epoch: EPOCH, seq: 11 });
    expect(applied).toMatchObject({ outcome: "applied", model: { unknownEvents: 0 } });
  } catch (error) {
    // It speaks of things that this book does not have; so it was understood.
    expect(error).toBeInstanceOf(Unexplained);
  }
});
