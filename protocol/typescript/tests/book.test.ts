import { describe, expect, it, vi } from "vitest";

import type { BookView, Client } from "../src/index.js";
import { EPOCH, event, held, openedWith, settle, snapshot, World } from "./world.js";

/** A view that is live at seq 10; this session is `s1` of Ann, the owner. */
async function live(world: World, fields: Parameters<typeof openedWith>[0] = {}): Promise<{ client: Client; view: BookView }> {
  const client = await world.online();
  const view = client.openBook("b1");
  world.socket.answers("book.open", openedWith(fields), 10);
  await settle();
  return { client, view };
}

const mine = (chapter: string, token: number) =>
  ({ ...held(chapter, "s1", token), holder: { user: "ann", name: "Ann Lee", initials: "AL", session: "s1" } }) as const;

describe("opening", () => {
  it("asks for everything at first, and is ready with the answer", async () => {
    const world = new World();
    const { view } = await live(world);
    expect(world.socket.last("book.open")).not.toHaveProperty("after");
    expect(view.status).toBe("live");
    expect((await view.ready).title).toBe("Moby-Dick");
    expect([view.can("organise"), view.can("audit")]).toEqual([true, false]);
    expect(view.outline).toHaveLength(2);
  });

  it("waits for the connection", async () => {
    const world = new World();
    const client = world.connects();
    const view = client.openBook("b1");
    expect(view.status).toBe("opening");
    await world.welcomes();
    world.socket.answers("book.open", openedWith());
    expect(view.status).toBe("live");
  });

  it("answers the same view to everybody, and closes it after the last", async () => {
    const world = new World();
    const { client, view } = await live(world);
    expect(client.openBook("b1")).toBe(view);
    expect(world.socket.commands("book.open")).toHaveLength(1);
    view.close();
    expect(view.status).toBe("live");
    view.close();
    expect(view).toMatchObject({ status: "closed", closedReason: "closed" });
    expect(world.socket.commands("book.close")).toHaveLength(1);
    expect(client.openBook("b1")).not.toBe(view);
  });

  it("ends with the refusal", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    world.socket.refuses("book.open", { code: "not_found", what: "book" });
    await expect(view.ready).rejects.toMatchObject({ code: "not_found" });
    expect(view).toMatchObject({ status: "closed", closedReason: "refused", refusal: { code: "not_found" } });
  });

  it("is patient with a hub that cannot ask its store", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    for (let times = 0; times < 20; times += 1) {
      world.socket.refuses("book.open", { code: "unavailable", retry_after_ms: 100 });
      await world.passes(10_000);
    }
    world.socket.answers("book.open", openedWith());
    expect(view.status).toBe("live");
  });
});

describe("events", () => {
  it("change the state in order and are told once for all that came together", async () => {
    const world = new World();
    const { view } = await live(world);
    const listener = vi.fn();
    view.subscribe(listener);
    world.socket.says(event(11, held("c1")));
    world.socket.says(event(12, { t: "chapter.renamed", chapter: "c2", title: "Bag" }));
    expect(view.state?.position.seq).toBe(12);
    expect(listener).not.toHaveBeenCalled();
    await settle();
    expect(listener).toHaveBeenCalledTimes(1);
    world.socket.says(event(13, { t: "withheld" }));
    await settle();
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("are in the state before the reply to the command that caused them", async () => {
    const world = new World();
    const { view } = await live(world);
    const acquired = view.acquire("c1").then(({ token }) => [token, view.heldToken("c1")]);
    world.socket.says(event(11, mine("c1", 500)));
    world.socket.answers("lock.acquire", { token: 500 }, 11);
    await expect(acquired).resolves.toEqual([500, 500]);
  });

  it("of other books change nothing", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, held("c1"), { book: "b2" }));
    expect(view.state?.position.seq).toBe(10);
  });

  it("tell the hub's time", async () => {
    const world = new World();
    const { client } = await live(world);
    world.socket.says(event(11, { t: "withheld" }, { at: world.time + 4_990 }));
    world.socket.says(event(12, { t: "withheld" }, { at: world.time + 4_900 }));
    expect(client.serverClockOffset).toBe(4_990);
  });

  it("of unknown kinds are counted and disturb nothing", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, { t: "chapter.illuminated", gold: true }));
    world.socket.says(event(12, held("c1")));
    expect(view.state).toMatchObject({ unknownEvents: 1, position: { seq: 12 } });
    expect(world.socket.commands("book.open")).toHaveLength(1);
  });
});

describe("what does not fit", () => {
  it.each([
    ["a gap", event(12, { t: "withheld" })],
    ["another life of the log", event(11, { t: "withheld" }, { epoch: "00000000000000bb" })],
    ["an event about what is not there", event(11, { t: "chapter.renamed", chapter: "gone", title: "" })],
  ])("%s makes the view ask for everything anew", async (_, frame) => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(frame);
    expect(view.status).toBe("stale");
    expect(world.socket.commands("book.open")).toHaveLength(2);
    expect(world.socket.last("book.open")).not.toHaveProperty("after");
    // It may fit, but the answer that is on its way says the same and more.
    world.socket.says(event(11, held("c1")));
    expect(view.state?.position.seq).toBe(10);
    world.socket.answers("book.open", openedWith({ seq: 13 }), 13);
    expect([view.status, view.state?.position.seq]).toEqual(["live", 13]);
  });

  it("does not ask again and again without a pause", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(12, { t: "withheld" }));
    world.socket.answers("book.open", openedWith());
    world.socket.says(event(12, { t: "withheld" }));
    expect(world.socket.commands("book.open")).toHaveLength(2);
    await world.passes(30_000);
    expect(world.socket.commands("book.open")).toHaveLength(3);
    world.socket.answers("book.open", openedWith({ seq: 12 }));
    expect(view.status).toBe("live");
  });
});

describe("over a reconnect", () => {
  it("continues after its position", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, held("c1")));
    world.socket.hangsUp(1006);
    expect([view.status, view.state?.position.seq]).toEqual(["stale", 11]);
    await world.untilNextAttempt();
    await world.welcomes();
    expect(world.socket.last("book.open")).toMatchObject({ book: "b1", after: { epoch: EPOCH, seq: 11 } });
    const events = [event(12, { t: "lock.released", chapter: "c1", session: "s-bob", reason: "disconnected" })];
    world.socket.answers("book.open", openedWith({ seq: 12, events }));
    expect(view.status).toBe("live");
    expect(view.chapter("c1")?.lock).toBeNull();
  });

  it("takes a snapshot where the hub cannot continue", async () => {
    const world = new World();
    const { view } = await live(world);
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ epoch: "00000000000000bb", seq: 3 }));
    expect(view.state?.position).toEqual({ epoch: "00000000000000bb", seq: 3 });
  });

  it("its locks come home under a new token", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, mine("c1", 500)));
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ seq: 11, events: [] }));
    world.socket.says(event(12, { t: "lock.rehomed", chapter: "c1", session: "s1", token: 600 }));
    expect(view.heldToken("c1")).toBe(600);
  });

  it.each([
    ["holds", mine("c1", 500)],
    ["waits for", { t: "lock.queued", chapter: "c1", waiter: { user: "ann", name: "Ann Lee" }, session: "s1", note: null }],
  ])("hurries while it %s a chapter", async (verb, what) => {
    const world = new World();
    const { client, view } = await live(world);
    world.socket.says(event(11, held("c1", verb === "holds" ? "s1" : "s-bob")));
    if (verb !== "holds") world.socket.says(event(12, what));
    expect(view.status).toBe("live");
    const waits: number[] = [];
    client.on("state", (state) => {
      if (state.status === "reconnecting") waits.push(state.retryAt - world.time);
    });
    world.chance = 0.999;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      world.socket.hangsUp(1006);
      await world.untilNextAttempt();
    }
    expect(Math.max(...waits)).toBe(4_995);
  });

  it("somebody who was removed meanwhile is told so", async () => {
    const world = new World();
    const { view } = await live(world);
    await world.reconnects();
    world.socket.refuses("book.open", { code: "not_found", what: "book" });
    expect(view).toMatchObject({ status: "closed", closedReason: "removed" });
  });
});

describe("rights", () => {
  it("that change are masked at once, and what they newly show is fetched", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says({ t: "notice", kind: "access_changed", book: "b1", role: "reader", can: ["view"] });
    expect(view.state).toMatchObject({ role: "reader", threads: null, invitations: null });
    expect(view.can("organise")).toBe(false);
    expect(world.socket.commands("book.open")).toHaveLength(2);
    const { threads: _, invitations: __, ...bare } = snapshot();
    world.socket.answers("book.open", openedWith({ seq: 11, role: "reader", can: ["view"], snapshot: bare }));
    expect(view).toMatchObject({ status: "live", state: { threads: null } });
  });

  it.each(["removed", "deleted"] as const)("that end (%s) close the view", async (reason) => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says({ t: "notice", kind: "book_closed", book: "b1", reason });
    expect(view).toMatchObject({ status: "closed", closedReason: reason });
    await world.reconnects();
    expect(world.socket.commands("book.open")).toEqual([]);
  });
});

describe("locks", () => {
  it("are given back under the token that holds now", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, mine("c1", 500)));
    void view.release("c1").catch(() => {});
    expect(world.socket.last("lock.release")).toMatchObject({ chapter: "c1", token: 500 });
  });

  it("that came home under a new token while they were given back are given back under that", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, mine("c1", 500)));
    const released = view.release("c1");
    const first = world.socket.last("lock.release");
    await world.reconnects();
    const retry = world.socket.last("lock.release");
    expect(retry).toMatchObject({ id: first.id, token: 500, retry: true });
    world.socket.answers("book.open", openedWith({ seq: 11, events: [] }));
    world.socket.says(event(12, { t: "lock.rehomed", chapter: "c1", session: "s1", token: 600 }));
    world.socket.refuses("lock.release", { code: "stale_token" });
    await settle();
    expect(world.socket.last("lock.release")).toMatchObject({ token: 600 });
    expect(world.socket.last("lock.release").id).not.toBe(first.id);
    world.socket.answers("lock.release", {}, 13);
    await expect(released).resolves.toBeUndefined();
  });

  it("that are lost are not asked for a second time", async () => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, mine("c1", 500)));
    const released = view.release("c1");
    world.socket.refuses("lock.release", { code: "not_holder" });
    await expect(released).rejects.toMatchObject({ code: "not_holder" });
  });

  it("show one's place in the queue", async () => {
    const world = new World();
    const { view } = await live(world);
    const queued = (session: string) => ({ t: "lock.queued", chapter: "c1", waiter: { user: "ann", name: "Ann" }, session, note: null });
    world.socket.says(event(11, held("c1")));
    world.socket.says(event(12, queued("s-other")));
    world.socket.says(event(13, queued("s1")));
    expect([view.waitingPosition("c1"), view.waitingPosition("c2")]).toEqual([2, 0]);
    expect(view.heldToken("c1")).toBeUndefined();
  });
});

describe("commands", () => {
  it.each<[string, (view: BookView) => Promise<unknown>, object]>([
    ["lock.acquire", (view) => view.acquire("c1", { wait: true, note: "please" }), { chapter: "c1", wait: true, note: "please" }],
    ["lock.move_here", (view) => view.moveHere("c1"), { chapter: "c1" }],
    ["lock.hand_over", (view) => view.handOver("c1", "s-bob"), { chapter: "c1", token: 500, to: "s-bob" }],
    ["lock.keep", (view) => view.keep("c1", "s-bob"), { chapter: "c1", token: 500, to: "s-bob" }],
    ["lock.cancel_wait", (view) => view.cancelWait("c1"), { chapter: "c1" }],
    ["lock.force_release", (view) => view.forceRelease("c1", "deadline", { take: true }), { chapter: "c1", reason: "deadline", take: true }],
    ["chapter.add", (view) => view.addChapter({ title: "New", kind: "chapter", at: { after: "c2" }, id: "c9" }), { chapter: "c9", title: "New", kind: "chapter", at: { after: "c2" } }],
    ["chapter.move", (view) => view.moveChapter("c1", { at: "first", parent: null }), { chapter: "c1", at: "first", parent: null }],
    ["chapter.rename", (view) => view.renameChapter("c1", "New"), { chapter: "c1", title: "New" }],
    ["chapter.remove", (view) => view.removeChapter("c1"), { chapter: "c1" }],
    ["chapter.restore", (view) => view.restoreChapter("c1"), { chapter: "c1" }],
    ["format.set", (view) => view.setFormat({ format: { font: "sans" }, baseSeq: 3 }), { format: { font: "sans" }, base_seq: 3 }],
    ["royalties.set", (view) => view.setRoyalties([{ user: "bob", basis_points: 10_000 }], 7), { shares: [{ user: "bob", basis_points: 10_000 }], effective_at: 7 }],
    ["royalties.set", (view) => view.setRoyalties([]), { shares: [] }],
    ["chapter.assign", (view) => view.assign("c1", "bob", 7), { chapter: "c1", user: "bob", due_at: 7 }],
    ["publish.start", (view) => view.submit("for autumn"), { note: "for autumn" }],
    ["publish.withdraw", (view) => view.withdraw(), {}],
    ["metadata.set", (view) => view.setMetadata({ metadata: { subtitle: null }, baseSeq: 3 }), { metadata: { subtitle: null }, base_seq: 3 }],
    ["book.delete", (view) => view.deleteBook(), {}],
    ["comment.add", (view) => view.addComment({ chapter: "c1", body: "!", thread: "t1", mentions: ["bob"] }), { thread: "t1", chapter: "c1", body: "!", mentions: ["bob"] }],
    ["comment.reply", (view) => view.reply("t1", { body: "?" }), { thread: "t1", body: "?" }],
    ["comment.edit", (view) => view.editComment("t1", "k1", { body: "." }), { thread: "t1", comment: "k1", body: "." }],
    ["comment.delete", (view) => view.deleteComment("t1", "k1"), { thread: "t1", comment: "k1" }],
    ["thread.resolve", (view) => view.resolve("t1"), { thread: "t1" }],
    ["thread.reopen", (view) => view.reopen("t1"), { thread: "t1" }],
    ["member.invite", (view) => view.invite("cy@example.org", "viewer"), { email: "cy@example.org", role: "viewer" }],
    ["member.set_end", (view) => view.setEnd("bob", 1_700_000_000_000), { user: "bob", until: 1_700_000_000_000 }],
    ["member.set_end", (view) => view.setEnd("bob", null), { user: "bob" }],
    ["access.grant", (view) => view.grantAccess("bob", "viewer"), { user: "bob", role: "viewer" }],
    ["access.refuse", (view) => view.refuseAccess("bob"), { user: "bob" }],
    ["ownership.offer", (view) => view.offerOwnership("bob"), { user: "bob" }],
    ["ownership.withdraw", (view) => view.withdrawOwnership(), {}],
    ["ownership.accept", (view) => view.acceptOwnership(), {}],
    ["ownership.decline", (view) => view.declineOwnership(), {}],
    ["member.set_role", (view) => view.setRole("bob", "editor"), { user: "bob", role: "editor" }],
    ["member.remove", (view) => view.removeMember("bob"), { user: "bob" }],
    ["member.leave", (view) => view.leave(), {}],
    ["invitation.revoke", (view) => view.revokeInvitation("i1"), { invitation: "i1" }],
    ["invitation.resend", (view) => view.resendInvitation("i1"), { invitation: "i1" }],
  ])("%s", async (kind, command, fields) => {
    const world = new World();
    const { view } = await live(world);
    world.socket.says(event(11, mine("c1", 500)));
    const done = command(view);
    expect(world.socket.last(kind)).toMatchObject({ t: kind, book: "b1", id: expect.any(String), ...fields });
    world.socket.refuses(kind, { code: "forbidden" });
    await expect(done).rejects.toMatchObject({ name: "QuireRefusal", code: "forbidden" });
  });

  it("send the positions of an anchor as the connection writes bytes, however they came", async () => {
    const positions = { lineage: 7, start: new Uint8Array([0, 7, 3, 0]), end: "AAcJQQ==" };
    const anchor = { quote: "whale", offset: 3, relative: positions };
    for (const [encoding, start, end] of [
      ["msgpack", new Uint8Array([0, 7, 3, 0]), new Uint8Array([0, 7, 9, 0x41])],
      ["json", "AAcDAA==", "AAcJQQ=="],
    ] as const) {
      const world = new World();
      const view = (await world.online({ encoding })).openBook("b1");
      world.socket.answers("book.open", openedWith(), 10);
      await settle();
      view.addComment({ chapter: "c1", body: "!", anchor }).catch(() => undefined);
      expect(world.socket.last("comment.add")).toMatchObject({ anchor: { quote: "whale", relative: { lineage: 7, start, end } } });
    }
  });

  it("answer with what they made", async () => {
    const world = new World();
    const { view } = await live(world);
    const [chapter, invitation, taken] = [view.addChapter({ title: "New", kind: "back" }), view.invite("cy@example.org", "viewer"), view.forceRelease("c1", "")];
    world.socket.answers("chapter.add", {});
    world.socket.answers("member.invite", { invitation: "i7" });
    world.socket.answers("lock.force_release", {});
    await expect(chapter).resolves.toBe((world.socket.last("chapter.add") as { chapter?: string }).chapter);
    await expect(invitation).resolves.toBe("i7");
    await expect(taken).resolves.toBeUndefined();
  });
});

describe("addresses", () => {
  it("are looked up before they are invited", async () => {
    const world = new World();
    const { view } = await live(world);
    const asked = view.isKnown("bob@example.org");
    expect(world.socket.last("member.lookup")).toMatchObject({ email: "bob@example.org" });
    world.socket.answers("member.lookup", { known: true }, 10);
    expect(await asked).toBe(true);
  });
});

describe("royalties", () => {
  it("are asked for, and told as far as one may know them", async () => {
    const world = new World();
    const { view } = await live(world);
    const asked = view.listRoyalties();
    const splits = [{ effective_at: 5, shares: [{ user: "ann", basis_points: 2_500 }] }];
    world.socket.answers("royalties.get", { splits }, 10);
    expect(await asked).toEqual(splits);
  });
});

describe("threads", () => {
  const head = { id: "t1", chapter: "c1", anchor: null, resolved: null, count: 1, last_at: 5 };
  const comment = { id: "k1", author: { user: "bob", name: "Bob" }, body: "Call me?", mentions: [], at: 5, edited_at: null, deleted: false };
  const thread = { id: "t1", chapter: "c1", anchor: null, resolved: null, comments: [comment] };
  const withHead = { snapshot: snapshot({ threads: [head] }) };

  it("are loaded page by page and kept current", async () => {
    const world = new World();
    const { view } = await live(world, { snapshot: snapshot({ threads: [head, { ...head, id: "t2" }] }) });
    const loading = view.loadThreads("c1");
    expect(world.socket.last("threads.list")).toMatchObject({ chapter: "c1" });
    world.socket.answers("threads.list", { threads: [thread], cursor: "more" }, 10);
    // Before anybody had a chance to look at the page, something happens to its thread.
    world.socket.says(event(11, { t: "comment.edited", thread: "t1", comment: "k1", body: "Ishmael", mentions: [] }));
    expect(world.socket.last("threads.list")).toMatchObject({ cursor: "more" });
    world.socket.answers("threads.list", { threads: [{ ...thread, id: "t2" }], cursor: null }, 11);
    await loading;
    expect([...(view.state?.comments.values() ?? [])].map(({ comments }) => comments[0]?.body)).toEqual(["Ishmael", "Call me?"]);
  });

  it("that are older than the state are asked for again", async () => {
    const world = new World();
    const { view } = await live(world, withHead);
    const loading = view.loadThreads();
    world.socket.says(event(11, { t: "comment.deleted", thread: "t1", comment: "k1" }));
    world.socket.answers("threads.list", { threads: [thread], cursor: null }, 10);
    expect(view.state?.comments.size).toBe(0);
    expect(world.socket.commands("threads.list")).toHaveLength(2);
    world.socket.answers("threads.list", { threads: [{ ...thread, comments: [{ ...comment, body: "", deleted: true }] }], cursor: null }, 11);
    await loading;
    expect(view.state?.comments.get("t1")?.comments[0]?.deleted).toBe(true);
  });

  it("are loaded anew after a snapshot, which may have left out what happened to them", async () => {
    const world = new World();
    const { view } = await live(world, withHead);
    const loading = view.loadThreads("c1");
    world.socket.answers("threads.list", { threads: [thread], cursor: null }, 10);
    await loading;
    await world.reconnects();
    world.socket.answers("book.open", openedWith({ seq: 20, ...withHead }), 20);
    expect(view.state?.comments.has("t1")).toBe(false);
    expect(world.socket.last("threads.list")).toMatchObject({ chapter: "c1" });
    world.socket.answers("threads.list", { threads: [thread], cursor: null }, 20);
    expect(view.state?.comments.has("t1")).toBe(true);
  });
});

describe("presence", () => {
  const sent = (world: World): object[] => world.socket.frames.filter(({ t }) => t === "presence");

  it("goes out at most once in 50 ms, and the latest wins", async () => {
    const world = new World();
    const { view } = await live(world);
    view.setPresence({ chapter: "c1" });
    for (let place = 0; place < 100; place += 1) view.setPresence({ cursor: `${place}` });
    expect(sent(world)).toEqual([{ t: "presence", book: "b1", chapter: "c1" }]);
    await world.passes(49);
    expect(sent(world)).toHaveLength(1);
    await world.passes(1);
    expect(sent(world).slice(1)).toEqual([{ t: "presence", book: "b1", cursor: "99" }]);
    await world.passes(1_000);
    expect(sent(world)).toHaveLength(2);
  });

  it("waits for the book to be open, and is told again to every connection", async () => {
    const world = new World();
    const client = await world.online();
    const view = client.openBook("b1");
    view.setPresence({ chapter: "c1" });
    view.setPresence({ chapter: null, cursor: "7" });
    expect(sent(world)).toEqual([]);
    world.socket.answers("book.open", openedWith());
    expect(sent(world)).toEqual([{ t: "presence", book: "b1", chapter: null, cursor: "7" }]);
    await world.reconnects();
    expect(sent(world)).toEqual([]);
    world.socket.answers("book.open", openedWith({ events: [] }));
    expect(sent(world)).toEqual([{ t: "presence", book: "b1", chapter: null, cursor: "7" }]);
  });

  it("refuses a cursor that the hub would hang up over", async () => {
    const world = new World();
    const { view } = await live(world);
    view.setPresence({ cursor: "é".repeat(128) });
    expect(() => view.setPresence({ cursor: `${"é".repeat(128)}x` })).toThrow(RangeError);
  });

  it("of others is shown", async () => {
    const world = new World();
    const { view } = await live(world);
    const bob = { session: "s-bob", user: "bob", name: "Bob", initials: "B", colour: "#000000", chapter: null, state: "active", cursor: null };
    world.socket.says({ t: "presence", book: "b1", joined: [bob], moved: [], left: [], count: 1 });
    expect(view.state?.roster).toEqual([bob]);
  });
});
