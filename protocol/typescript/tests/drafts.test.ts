import { describe, expect, it } from "vitest";

import { openedWith, settle, World } from "./world.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function last(world: World, kind: string): Record<string, unknown> {
  return world.socket.commands(kind).at(-1) as unknown as Record<string, unknown>;
}

async function open(world: World, encoding: "msgpack" | "json" = "msgpack") {
  const client = await world.online({ encoding });
  const view = client.openBook("b1");
  world.socket.answers("book.open", openedWith(), 10);
  await settle();
  return view;
}

describe("drafts", () => {
  it("are saved under an id that a repeat can name, listed, read and thrown away", async () => {
    const world = new World();
    const view = await open(world);
    const saved = view.saveDraft({ chapter: "c1", excerpt: "Call me", update: bytes(1, 2) });
    const command = last(world, "draft.save");
    world.socket.answers("draft.save", {});
    expect(command).toMatchObject({ chapter: "c1", excerpt: "Call me" });
    expect([...(command["update"] as Uint8Array)]).toEqual([1, 2]);
    expect(await saved).toBe(command["draft"]);

    const again = view.saveDraft({ id: "d1", chapter: "c1", excerpt: "", update: bytes(3) });
    expect(last(world, "draft.save")).toMatchObject({ draft: "d1" });
    world.socket.answers("draft.save", {});
    expect(await again).toBe("d1");

    const listed = view.listDrafts();
    const row = { id: "d1", chapter: "c1", excerpt: "Call me", saved_at: 5 };
    world.socket.answers("drafts.list", { drafts: [row] });
    expect(await listed).toEqual([row]);

    const read = view.readDraft("d1");
    world.socket.answers("draft.read", { update: bytes(7, 8) });
    expect([...(await read)]).toEqual([7, 8]);

    const discarded = view.discardDraft("d1");
    world.socket.answers("draft.discard", {});
    await discarded;
  });

  it("travel in base64 where frames are JSON", async () => {
    const world = new World();
    const view = await open(world, "json");
    view.saveDraft({ chapter: "c1", excerpt: "", update: bytes(1, 2) }).catch(() => {});
    expect(last(world, "draft.save")).toMatchObject({ update: "AQI=" });
    const read = view.readDraft("d1");
    world.socket.answers("draft.read", { update: "Bwg=" });
    expect([...(await read)]).toEqual([7, 8]);
  });
});
