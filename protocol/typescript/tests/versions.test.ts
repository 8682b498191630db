import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { event, held, openedWith, settle, World } from "./world.js";

async function open(world: World) {
  const client = await world.online();
  const view = client.openBook("b1");
  world.socket.answers("book.open", openedWith(), 10);
  await settle();
  return view;
}

function last(world: World, kind: string): Record<string, unknown> {
  return world.socket.commands(kind).at(-1) as unknown as Record<string, unknown>;
}

describe("versions", () => {
  it("are listed, read unpacked, compared, kept and named", async () => {
    const world = new World();
    const view = await open(world);
    const listed = view.listVersions("c1");
    world.socket.answers("versions.list", { versions: [{ rev: 9 }] });
    expect(await listed).toEqual([{ rev: 9 }]);

    const read = view.readVersion("c1", 9);
    world.socket.answers("version.read", { state: Uint8Array.from(gzipSync(Uint8Array.of(1, 2, 3))) });
    expect([...(await read)]).toEqual([1, 2, 3]);

    const compared = view.compareVersions("c1", 4, 9);
    expect(last(world, "version.compare")).toMatchObject({ from: 4, to: 9 });
    world.socket.answers("version.compare", { blocks: [], added: 1, removed: 2 });
    expect(await compared).toEqual({ blocks: [], added: 1, removed: 2 });
    view.compareVersions("c1", 4).catch(() => {});
    expect(last(world, "version.compare")).not.toHaveProperty("to");

    const saved = view.saveVersion("For the printer");
    expect(last(world, "version.save")).not.toHaveProperty("chapter");
    world.socket.answers("version.save", {});
    await saved;

    const named = view.nameVersion("c1", 9, null);
    expect(last(world, "version.name")).toMatchObject({ rev: 9, label: null });
    world.socket.answers("version.name", {});
    await named;
  });

  it("of the whole book are points, listed and read", async () => {
    const world = new World();
    const view = await open(world);
    const listed = view.listPoints();
    world.socket.answers("points.list", { points: [{ point: 2 }, { point: 1 }] });
    expect(await listed).toEqual([{ point: 2 }, { point: 1 }]);

    const read = view.readPoint(2);
    expect(last(world, "point.read")).toMatchObject({ point: 2 });
    world.socket.answers("point.read", { point: 2, chapters: [] });
    expect(await read).toEqual({ point: 2, chapters: [] });
  });

  it("come back under the token of the hold, also after it was renewed", async () => {
    const world = new World();
    const view = await open(world);
    const mine = { ...held("c1", "s1", 500), holder: { user: "ann", name: "Ann Lee", initials: "AL", session: "s1" } };
    world.socket.says(event(11, mine));
    const restored = view.restoreVersion("c1", 4);
    await settle();
    expect(last(world, "version.restore")).toMatchObject({ token: 500, rev: 4 });
    world.socket.answers("version.restore", { rev: 12 });
    expect(await restored).toBe(12);
  });
});
