import { gzipSync } from "node:zlib";

import { describe, expect, it, vi } from "vitest";

import type { BookView, TextChange, TextView } from "../src/index.js";
import { EPOCH, event, held, openedWith, settle, World } from "./world.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const mine = (token: number, session = "s1") =>
  ({ ...held("c1", session, token), holder: { user: "ann", name: "Ann Lee", initials: "AL", session } }) as const;

const text = (rev: number, ...values: number[]) => ({ t: "text", book: "b1", chapter: "c1", rev, by: "s-bob", update: bytes(...values) });

const whole = (rev: number, ...updates: Uint8Array[]) => ({ epoch: EPOCH, rev, updates });

/** A text that is live at revision 4; this session is `s1`, and nobody holds the chapter. */
async function live(world: World, options: Parameters<BookView["openText"]>[1] = {}): Promise<{ view: BookView; view1: TextView; heard: TextChange[] }> {
  const client = await world.online();
  const view = client.openBook("b1");
  world.socket.answers("book.open", openedWith(), 10);
  const view1 = view.openText("c1", options);
  const heard: TextChange[] = [];
  view1.subscribe((change) => heard.push(change));
  world.socket.answers("chapter.open", whole(4, bytes(1), bytes(2)));
  await settle();
  return { view, view1, heard };
}

/** The same, and this session holds the chapter. */
async function holding(world: World, options: Parameters<BookView["openText"]>[1] = {}): ReturnType<typeof live> {
  const opened = await live(world, options);
  world.socket.says(event(11, mine(500)));
  return opened;
}

const sent = (world: World): object[] =>
  world.socket.commands("chapter.update").map((command) => {
    const { n, token, update } = command as unknown as { n: number; token: number; update: Uint8Array };
    return { n, token, update: [...update] };
  });

describe("reading", () => {
  it("is told the whole, then every change in order", async () => {
    const world = new World();
    const { view1, heard } = await live(world);
    expect(view1).toMatchObject({ status: "live", rev: 4 });
    world.socket.says(text(5, 7));
    world.socket.says(text(5, 7));
    world.socket.says({ ...text(6, 8), chapter: "c2" });
    world.socket.says(text(6, 9));
    expect(heard).toEqual([
      { kind: "whole", rev: 4, updates: [bytes(1), bytes(2)], lineage: null },
      { kind: "update", rev: 5, by: "s-bob", update: bytes(7) },
      { kind: "update", rev: 6, by: "s-bob", update: bytes(9) },
    ]);
  });

  it("asks for the whole again after a gap and after a reconnect", async () => {
    const world = new World();
    const { view1, heard } = await live(world);
    world.socket.says(text(6, 9));
    expect(view1.status).toBe("stale");
    world.socket.answers("chapter.open", whole(6, bytes(1)));
    expect(view1).toMatchObject({ status: "live", rev: 6 });
    await world.reconnects();
    expect(view1.status).toBe("stale");
    expect(world.socket.commands("chapter.open")).toHaveLength(0);
    world.socket.answers("book.open", openedWith({ events: [] }), 10);
    world.socket.answers("chapter.open", whole(8, bytes(1)));
    expect(view1).toMatchObject({ status: "live", rev: 8 });
    expect(heard.map(({ kind, rev }) => [kind, rev])).toEqual([["whole", 4], ["whole", 6], ["whole", 8]]);
  });

  it("says what it has, and is told what it missed", async () => {
    const world = new World();
    const { view1, heard } = await live(world);
    expect(world.socket.commands("chapter.open")).not.toHaveProperty("0.have");
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ events: [] }), 10);
    expect(world.socket.commands("chapter.open")).toMatchObject([{ have: { epoch: EPOCH, rev: 4 } }]);
    world.socket.answers("chapter.open", { ...whole(6, bytes(5), bytes(6)), after: 4 });
    expect(view1).toMatchObject({ status: "live", rev: 6 });
    expect(heard[1]).toEqual({ kind: "missed", rev: 6, updates: [bytes(5), bytes(6)] });
  });

  it("unpacks a text, and keeps what is heard meanwhile", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    world.socket.answers("book.open", openedWith(), 10);
    const view1 = view.openText("c1");
    const heard: TextChange[] = [];
    view1.subscribe((change) => heard.push(change));
    const state = Uint8Array.from(gzipSync(bytes(1, 2, 3)));
    world.socket.answers("chapter.open", { ...whole(4, bytes(4)), state });
    world.socket.says(text(5, 7));
    expect(heard).toEqual([]);
    await vi.waitFor(() => expect(view1.status).toBe("live"));
    expect(heard).toEqual([
      { kind: "whole", rev: 4, updates: [bytes(1, 2, 3), bytes(4)], lineage: null },
      { kind: "update", rev: 5, by: "s-bob", update: bytes(7) },
    ]);
    expect(view1.rev).toBe(5);
  });

  it("forgets a text that was being unpacked when the connection went", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    world.socket.answers("book.open", openedWith(), 10);
    const view1 = view.openText("c1");
    const state = Uint8Array.from(gzipSync(bytes(1, 2, 3)));
    world.socket.answers("chapter.open", { ...whole(4), state });
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ events: [] }), 10);
    expect(world.socket.commands("chapter.open")).toHaveLength(1);
    world.socket.answers("chapter.open", whole(5, bytes(9)));
    expect(view1).toMatchObject({ status: "live", rev: 5 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(view1.rev).toBe(5);
  });

  it("reads base64 on a JSON connection", async () => {
    const world = new World();
    const client = await world.online({ encoding: "json" });
    const view = client.openBook("b1");
    world.socket.answers("book.open", openedWith(), 10);
    const heard: TextChange[] = [];
    view.openText("c1").subscribe((change) => heard.push(change));
    world.socket.answers("chapter.open", { epoch: EPOCH, rev: 1, updates: ["AQI="] });
    world.socket.says({ ...text(2), update: "AwQ=" });
    expect(heard).toMatchObject([{ updates: [bytes(1, 2)] }, { update: bytes(3, 4) }]);
  });

  it("ends with the refusal, with the book, and with the last of its users", async () => {
    const world = new World();
    const { view, view1 } = await live(world);
    const second = view.openText("c2");
    world.socket.refuses("chapter.open", { code: "not_found", what: "chapter" });
    expect(second).toMatchObject({ status: "closed", refusal: { code: "not_found" } });
    expect(view.openText("c1")).toBe(view1);
    view1.close();
    expect(view1.status).toBe("live");
    view1.close();
    expect(view1.status).toBe("closed");
    expect(world.socket.commands("chapter.close")).toHaveLength(1);
    const third = view.openText("c1");
    view.close();
    expect(third.status).toBe("closed");
  });
});

describe("closing", () => {
  it("tells the hub of a text that it has asked for and not got yet", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    world.socket.answers("book.open", openedWith(), 10);
    const view1 = view.openText("c1");
    expect(world.socket.commands("chapter.open")).toHaveLength(1);
    view1.close();
    expect(world.socket.commands("chapter.close")).toHaveLength(1);
  });
});

describe("writing", () => {
  it("goes on with the number that the hub has of an old hold", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    world.socket.answers("book.open", openedWith(), 10);
    world.socket.says(event(11, mine(500)));
    const view1 = view.openText("c1");
    world.socket.answers("chapter.open", { ...whole(4, bytes(1)), n: 3 });
    await settle();
    void view1.write(bytes(7));
    expect(sent(world)).toEqual([{ n: 4, token: 500, update: [7] }]);
  });

  it("sends what is on its way under its number, whatever the hub has", async () => {
    const world = new World();
    const { view1 } = await holding(world);
    void view1.write(bytes(3));
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ seq: 12, events: [event(12, { t: "lock.rehomed", chapter: "c1", session: "s1", token: 700 })] }), 12);
    world.socket.answers("chapter.open", { ...whole(5, bytes(1)), n: 1 });
    expect(sent(world)).toEqual([{ n: 1, token: 700, update: [3] }]);
  });

  it("gives a chapter back after the last word is stored", async () => {
    const world = new World();
    const { view, view1 } = await holding(world);
    const written = view1.write(bytes(3));
    const released = view.release("c1");
    await settle();
    expect(world.socket.commands("lock.release")).toHaveLength(0);
    world.socket.answers("chapter.update", { rev: 5 });
    await written;
    await settle();
    expect(world.socket.commands("lock.release")).toMatchObject([{ token: 500, after_n: 1 }]);
    world.socket.answers("lock.release", {});
    await released;
  });

  it("needs the lock", async () => {
    const world = new World();
    const { view1 } = await live(world);
    await expect(view1.write(bytes(3))).rejects.toMatchObject({ reason: "not_held" });
    expect(sent(world)).toEqual([]);
  });

  it("sends one update after the other, numbered, and settles when each is stored", async () => {
    const world = new World();
    const { view1, heard } = await holding(world);
    const [first, second] = [view1.write(bytes(3)), view1.write(bytes(4))];
    expect(sent(world)).toEqual([{ n: 1, token: 500, update: [3] }]);
    expect(view1.unsaved).toEqual([bytes(3), bytes(4)]);
    world.socket.answers("chapter.update", { rev: 5 });
    await expect(first).resolves.toBe(5);
    expect(sent(world)[1]).toEqual({ n: 2, token: 500, update: [4] });
    world.socket.answers("chapter.update", { rev: 6 });
    await expect(second).resolves.toBe(6);
    expect(view1).toMatchObject({ rev: 6, unsaved: [] });
    expect(heard).toHaveLength(1);
  });

  it("makes one of what waits, but never of what may be stored already", async () => {
    const world = new World();
    const merge = vi.fn((updates: Uint8Array[]) => bytes(...updates.flatMap((update) => [...update])));
    const { view1 } = await holding(world, { merge });
    const written = [3, 4, 5].map((value) => view1.write(bytes(value)));
    world.socket.answers("chapter.update", { rev: 5 });
    expect(sent(world)[1]).toEqual({ n: 2, token: 500, update: [4, 5] });
    // The connection goes with the answer: the same bytes go again under the same number.
    written.push(view1.write(bytes(6)));
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ seq: 12, events: [event(12, { t: "lock.rehomed", chapter: "c1", session: "s1", token: 700 }), ] }), 12);
    world.socket.answers("chapter.open", whole(6, bytes(1)));
    expect(sent(world)).toEqual([{ n: 2, token: 700, update: [4, 5] }]);
    world.socket.answers("chapter.update", { rev: 6 });
    expect(sent(world)[1]).toEqual({ n: 3, token: 700, update: [6] });
    world.socket.answers("chapter.update", { rev: 7 });
    await expect(Promise.all(written)).resolves.toEqual([5, 6, 6, 7]);
  });

  it("makes no more of one than the hub takes at once", async () => {
    const world = new World();
    const merge = (updates: Uint8Array[]): Uint8Array => bytes(...updates.flatMap((update) => [...update]));
    const { view1 } = await holding(world, { merge });
    const half = new Uint8Array(24_576);
    const written = [bytes(3), half, half, bytes(4), bytes(5)].map((update) => view1.write(update));
    world.socket.answers("chapter.update", { rev: 5 });
    world.socket.answers("chapter.update", { rev: 6 });
    world.socket.answers("chapter.update", { rev: 7 });
    expect(sent(world).map((command) => (command as { update: number[] }).update.length)).toEqual([1, 49_152, 2]);
    await expect(Promise.all(written)).resolves.toEqual([5, 6, 6, 7, 7]);
  });

  it("waits for a hub that cannot store now, and keeps the order", async () => {
    const world = new World();
    const { view1 } = await holding(world);
    const written = [view1.write(bytes(3)), view1.write(bytes(4))];
    for (let times = 0; times < 10; times += 1) {
      world.socket.refuses("chapter.update", { code: "unavailable", retry_after_ms: 100 });
      await world.passes(10_000);
    }
    expect(new Set(sent(world).map((command) => (command as { n: number }).n))).toEqual(new Set([1]));
    world.socket.answers("chapter.update", { rev: 5 });
    world.socket.answers("chapter.update", { rev: 6 });
    await expect(Promise.all(written)).resolves.toEqual([5, 6]);
  });

  it("sends again what may be stored", async () => {
    const world = new World();
    const { view1 } = await holding(world);
    const written = view1.write(bytes(3));
    world.socket.refuses("chapter.update", { code: "outcome_unknown" });
    await world.passes(1_000);
    expect(sent(world)).toHaveLength(2);
    world.socket.answers("chapter.update", { rev: 5 });
    await expect(written).resolves.toBe(5);
  });

  it("gives back what was not stored when the chapter is lost, and numbers the next hold anew", async () => {
    const world = new World();
    const { view1 } = await holding(world);
    const written = [view1.write(bytes(3)), view1.write(bytes(4))];
    world.socket.says(event(12, { t: "lock.released", chapter: "c1", session: "s1", reason: "forced", note: "now" }));
    for (const lost of written) await expect(lost).rejects.toMatchObject({ reason: "not_held" });
    expect(view1.unsaved).toEqual([]);
    world.socket.refuses("chapter.update", { code: "not_holder" });
    world.socket.says(event(13, mine(900)));
    const anew = view1.write(bytes(5));
    expect(sent(world).at(-1)).toEqual({ n: 1, token: 900, update: [5] });
    world.socket.answers("chapter.update", { rev: 5 });
    await expect(anew).resolves.toBe(5);
  });

  it("is refused for good where the hub does not take it", async () => {
    const world = new World();
    const { view1 } = await holding(world);
    const written = view1.write(bytes(0));
    world.socket.refuses("chapter.update", { code: "invalid", field: "update", reason: "it is empty" });
    await expect(written).rejects.toMatchObject({ code: "invalid" });
    expect(view1.status).toBe("live");
  });
});
