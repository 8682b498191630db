import { describe, expect, it, vi } from "vitest";

import { HANG_UP_CODE } from "../src/closing.js";
import { QuireRefusal } from "../src/index.js";
import { RETRIES_MAX, STALL_MS, UNANSWERED_MAX } from "../src/requests.js";
import { settle, World } from "./world.js";

const RENAME = { t: "chapter.rename", chapter: "c1", title: "Loomings" } as const;

describe("answers", () => {
  it("come to whoever asked, in whatever order", async () => {
    const world = new World();
    const client = await world.online();
    const first = client.request({ t: "lock.acquire", chapter: "c1" }, "b1");
    const second = client.request({ t: "lock.acquire", chapter: "c2" }, "b1");
    const [one, two] = world.socket.commands("lock.acquire");
    world.socket.says({ t: "reply", ref: two!.ref, seq: 12, ok: { position: 1 } });
    world.socket.says({ t: "reply", ref: one!.ref, seq: 11, ok: { token: 5 } });
    await expect(first).resolves.toEqual({ token: 5 });
    await expect(second).resolves.toEqual({ position: 1 });
  });

  it("are refusals with their facts", async () => {
    const world = new World();
    const client = await world.online();
    const request = client.request(RENAME, "b1");
    const holder = { user: "bob", name: "Bob", initials: "B", session: "s-bob" };
    world.socket.refuses("chapter.rename", { code: "locked", message: "Bob is writing in this chapter.", holder, since_at: 5, yours_elsewhere: false });
    const error = await request.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QuireRefusal);
    expect(error).toMatchObject({ code: "locked", message: "Bob is writing in this chapter.", facts: { holder } });
  });

  it("to nobody's question are ignored", async () => {
    const world = new World();
    const client = await world.online();
    world.socket.says({ t: "reply", ref: 99, ok: {} });
    expect(client.state.status).toBe("online");
  });
});

describe("channels of notices", () => {
  it("are chosen topic by topic, and what the library allows is heard", async () => {
    const world = new World();
    const client = await world.online();
    const choices = [{ topic: "mentioned", inbox: true, mail: "daily" }] as const;
    const chosen = client.inbox.choose([...choices]);
    expect(world.socket.last("inbox.choose")).toMatchObject({ choices });
    world.socket.answers("inbox.choose", {}, 0);
    await chosen;
    const switches = [{ topic: "replied", inbox: false, mail: true }] as const;
    const allowed = client.library.allow([...switches]);
    expect(world.socket.last("library.allow")).toMatchObject({ switches });
    world.socket.answers("library.allow", {}, 0);
    await allowed;
    const heard = vi.fn();
    client.on("library", heard);
    const changed = { access: false, users: false, books: false, notices: true, webhooks: false };
    world.socket.says({ t: "notice", kind: "library_changed", ...changed });
    expect(heard).toHaveBeenCalledExactlyOnceWith(changed);
  });

  it("lead to webhooks, too, whose secret is told once", async () => {
    const world = new World();
    const { library } = await world.online();
    const set = { webhook: "w1", url: "https://hooks.example.org", topics: ["published" as const], on: true };
    const row = { ...set, id: "w1", by: { user: "u1", name: "Ann" }, at: 1, rests: false };
    const asks = async <Answer>(asked: Promise<Answer>, kind: string, answer: object): Promise<Answer> => {
      world.socket.answers(kind, answer, 0);
      return asked;
    };
    const made = await asks(library.setWebhook(set), "webhook.set", { webhook: row, secret: "whsec_AA==" });
    expect(made.secret).toBe("whsec_AA==");
    expect(world.socket.last("webhook.set")).toMatchObject(set);
    expect(await asks(library.webhooks(), "webhooks.list", { webhooks: [row] })).toEqual([row]);
    await asks(library.sendToWebhook("w1"), "webhook.send", {});
    expect(world.socket.last("webhook.send")).not.toHaveProperty("delivery");
    await asks(library.sendToWebhook("w1", "msg_1"), "webhook.send", {});
    expect(world.socket.last("webhook.send")).toMatchObject({ webhook: "w1", delivery: "msg_1" });
    expect(await asks(library.deliveries("w1"), "webhook.deliveries", { deliveries: [], waiting: 0 })).toMatchObject({ waiting: 0 });
    await asks(library.removeWebhook("w1"), "webhook.remove", {});
    expect(world.socket.last("webhook.remove")).toMatchObject({ webhook: "w1" });
  });
});

describe("over a reconnect", () => {
  it("a changing command goes out again with the same id, as a retry", async () => {
    const world = new World();
    const client = await world.online();
    const done = client.request(RENAME, "b1");
    const first = world.socket.last("chapter.rename");
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first).not.toHaveProperty("retry");
    await world.reconnects();
    expect(world.socket.last("chapter.rename")).toMatchObject({ ...RENAME, id: first.id, retry: true, book: "b1" });
    world.socket.answers("chapter.rename", {}, 11);
    await expect(done).resolves.toEqual({});
  });

  it("a question goes out again, without an id", async () => {
    const world = new World();
    const client = await world.online();
    const books = client.listBooks();
    await world.reconnects();
    expect(world.socket.last("books.list")).not.toHaveProperty("id");
    expect(world.socket.last("books.list")).not.toHaveProperty("retry");
    world.socket.answers("books.list", { books: [], cursor: null });
    await expect(books).resolves.toEqual([]);
  });

  it("what was asked meanwhile goes out for the first time, in order", async () => {
    const world = new World();
    const client = await world.online();
    world.socket.hangsUp(1006);
    void client.request(RENAME, "b1").catch(() => {});
    void client.request({ t: "chapter.remove", chapter: "c2" }, "b1").catch(() => {});
    await world.untilNextAttempt();
    await world.welcomes();
    expect(world.socket.commands().map(({ t }) => t)).toEqual(["chapter.rename", "chapter.remove"]);
    expect(world.socket.last("chapter.rename")).not.toHaveProperty("retry");
  });

  it("books are opened before anything else", async () => {
    const world = new World();
    const client = await world.online();
    void client.request(RENAME, "b1").catch(() => {});
    client.openBook("b1");
    client.on("state", ({ status }) => {
      if (status === "online") void client.listBooks().catch(() => {});
    });
    await world.reconnects();
    expect(world.socket.frames.map(({ t }) => t)).toEqual(["hello", "book.open", "chapter.rename", "books.list"]);
  });

  it("a new session does not take the old one's answer for its own lock", async () => {
    const world = new World();
    const client = await world.online();
    void client.request({ t: "lock.acquire", chapter: "c1" }, "b1").catch(() => {});
    void client.request(RENAME, "b1").catch(() => {});
    const [acquire, rename] = [world.socket.last("lock.acquire"), world.socket.last("chapter.rename")];
    world.socket.hangsUp(1006);
    await world.untilNextAttempt();
    await world.welcomes({ session: "s9", resumed: false });
    expect(world.socket.last("lock.acquire").id).not.toBe(acquire.id);
    expect(world.socket.last("lock.acquire")).not.toHaveProperty("retry");
    expect(world.socket.last("chapter.rename")).toMatchObject({ id: rename.id, retry: true });
  });

  it("an answer that comes twice is taken once", async () => {
    const world = new World();
    const client = await world.online();
    const done = client.request(RENAME, "b1");
    const { ref } = world.socket.last("chapter.rename");
    await world.reconnects();
    world.socket.says({ t: "reply", ref, err: { code: "forbidden", message: "an old number" } });
    world.socket.answers("chapter.rename", {});
    await expect(done).resolves.toEqual({});
  });
});

describe("not now", () => {
  it.each(["rate_limited", "unavailable"])("%s is tried again after the hub's delay, with the same id", async (code) => {
    const world = new World();
    world.chance = 0;
    const client = await world.online();
    const done = client.request(RENAME, "b1");
    const { id } = world.socket.last("chapter.rename");
    world.socket.refuses("chapter.rename", { code, retry_after_ms: 700 });
    await world.passes(699);
    expect(world.socket.commands("chapter.rename")).toHaveLength(1);
    await world.passes(1);
    expect(world.socket.last("chapter.rename")).toMatchObject({ id });
    expect(world.socket.last("chapter.rename")).not.toHaveProperty("retry");
    world.socket.answers("chapter.rename", {});
    await expect(done).resolves.toEqual({});
  });

  it("ends after a bounded number of tries", async () => {
    const world = new World();
    const client = await world.online();
    const done = client.request(RENAME, "b1").catch((error: unknown) => error);
    for (let attempt = 0; attempt <= RETRIES_MAX; attempt += 1) {
      world.socket.refuses("chapter.rename", { code: "unavailable", retry_after_ms: 10 });
      await world.passes(6_000);
    }
    expect(await done).toMatchObject({ code: "unavailable" });
    expect(world.socket.commands("chapter.rename")).toHaveLength(RETRIES_MAX + 1);
  });

  it("an unknown outcome is settled by asking again as a retry", async () => {
    const world = new World();
    const client = await world.online();
    const done = client.request(RENAME, "b1");
    const { id } = world.socket.last("chapter.rename");
    world.socket.refuses("chapter.rename", { code: "outcome_unknown" });
    await world.passes(1_000);
    expect(world.socket.last("chapter.rename")).toMatchObject({ id, retry: true });
    world.socket.answers("chapter.rename", {});
    await expect(done).resolves.toEqual({});
  });

  it("a delay that outlives its connection is kept on the next one", async () => {
    const world = new World();
    world.chance = 0;
    const client = await world.online();
    void client.request(RENAME, "b1").catch(() => {});
    world.socket.refuses("chapter.rename", { code: "rate_limited", retry_after_ms: 5_000 });
    await world.reconnects();
    expect(world.socket.commands("chapter.rename")).toHaveLength(0);
    await world.passes(5_000);
    expect(world.socket.commands("chapter.rename")).toHaveLength(1);
  });
});

describe("bounds", () => {
  it("no more than so many requests wait", async () => {
    const world = new World();
    const client = await world.online();
    const all = Array.from({ length: UNANSWERED_MAX }, () => client.request(RENAME, "b1"));
    await expect(client.request(RENAME, "b1")).rejects.toMatchObject({ name: "QuireClosed", reason: "busy" });
    expect(world.socket.commands("chapter.rename")).toHaveLength(UNANSWERED_MAX);
    world.socket.answers("chapter.rename", {});
    await all.at(-1);
    void client.request(RENAME, "b1").catch(() => {});
    expect(world.socket.commands("chapter.rename")).toHaveLength(UNANSWERED_MAX + 1);
    for (const request of all) request.catch(() => {});
    client.close();
  });

  it.each(["msgpack", "json"] as const)("a frame over the message limit travels in parts (%s)", async (encoding) => {
    const world = new World();
    const client = await world.online({ encoding }, { limits: { message_bytes: 65_536, part_bytes: 16_384 } });
    const fits = "x".repeat(60_000);
    void client.request({ t: "comment.reply", thread: "t", comment: "k", body: fits }, "b1").catch(() => {});
    expect(world.socket.messageBytes).toHaveLength(2);
    const long = "é".repeat(40_000);
    void client.request({ t: "comment.reply", thread: "t", comment: "k", body: long }, "b1").catch(() => {});
    expect(world.socket.last("comment.reply")).toMatchObject({ body: long });
    const parts = world.socket.messageBytes.slice(2);
    expect(parts.length).toBe(5);
    for (const bytes of parts) expect(bytes).toBeLessThan(65_536 / 2);
  });

  it("a frame over the hub's largest is not sent at all", async () => {
    const world = new World();
    const client = await world.online({}, { limits: { frame_bytes: 100_000 } });
    const body = "x".repeat(100_000);
    const request = client.request({ t: "comment.reply", thread: "t", comment: "k", body }, "b1");
    await expect(request).rejects.toMatchObject({ name: "QuireClosed", reason: "too_large" });
    expect(world.socket.messageBytes).toHaveLength(1);
  });

  it("what the hub hung up over is not sent again; the rest is", async () => {
    const world = new World();
    const client = await world.online();
    const body = "x".repeat(70_000);
    const large = client.request({ t: "comment.reply", thread: "t", comment: "k", body }, "b1");
    void client.request(RENAME, "b1").catch(() => {});
    world.socket.hangsUp(1009);
    await expect(large).rejects.toMatchObject({ reason: "too_large" });
    await world.untilNextAttempt();
    await world.welcomes();
    expect(world.socket.commands().map(({ t }) => t)).toEqual(["chapter.rename"]);
  });

  it("a connection on which nothing comes back is given up, the session is not", async () => {
    const world = new World();
    const client = await world.online();
    void client.request(RENAME, "b1").catch(() => {});
    await world.passes(STALL_MS - 1);
    expect(client.state.status).toBe("online");
    await world.passes(1);
    expect(world.sockets[0]!.closedBy?.code).toBe(HANG_UP_CODE);
    await world.untilNextAttempt();
    await world.welcomes();
    expect(world.socket.last("chapter.rename")).toMatchObject({ retry: true });
  });

  it("a slow answer on a connection that lives is waited for", async () => {
    const world = new World();
    const client = await world.online();
    void client.request(RENAME, "b1").catch(() => {});
    for (let times = 0; times < 10; times += 1) {
      await world.passes(STALL_MS / 2);
      world.socket.says({ t: "notice", kind: "books_changed" });
    }
    expect(client.state.status).toBe("online");
  });
});

describe("an abort", () => {
  it("stops waiting and frees the place", async () => {
    const world = new World();
    const client = await world.online();
    const abort = new AbortController();
    const request = client.request(RENAME, "b1", { signal: abort.signal });
    abort.abort(new Error("changed my mind"));
    await expect(request).rejects.toThrow("changed my mind");
    world.socket.answers("chapter.rename", {});
    await world.reconnects();
    expect(world.socket.commands("chapter.rename")).toHaveLength(0);
  });

  it("before the beginning sends nothing", async () => {
    const world = new World();
    const client = await world.online();
    const request = client.request(RENAME, "b1", { signal: AbortSignal.abort(new Error("too late")) });
    await expect(request).rejects.toThrow("too late");
    expect(world.socket.commands()).toEqual([]);
  });
});

describe("by name", () => {
  it("lists are read to their end", async () => {
    const world = new World();
    const client = await world.online();
    const books = client.listBooks();
    const row = (id: string): object => ({ id, title: id, role: "owner" });
    world.socket.answers("books.list", { books: [row("b1")], cursor: "next" });
    await settle();
    expect(world.socket.last("books.list")).toMatchObject({ cursor: "next" });
    world.socket.answers("books.list", { books: [row("b2")], cursor: null });
    expect((await books).map(({ id }) => id)).toEqual(["b1", "b2"]);
  });

  it("the trash is a list of its own, out of which books are restored or deleted", async () => {
    const world = new World();
    const client = await world.online();
    const trash = client.listTrash();
    expect(world.socket.last("books.list")).toMatchObject({ trashed: true });
    world.socket.answers("books.list", { books: [{ id: "b1", title: "b1", role: "owner", trashed_until: 9 }], cursor: null });
    expect((await trash)[0]?.trashed_until).toBe(9);
    const restored = client.restoreBook("b1");
    expect(world.socket.last("book.restore")).toMatchObject({ book: "b1" });
    world.socket.answers("book.restore", {});
    const deleted = client.deleteForever("b1");
    expect(world.socket.last("book.delete")).toMatchObject({ book: "b1", forever: true });
    world.socket.answers("book.delete", {});
    await Promise.all([restored, deleted]);
  });

  it("somebody asks to be let into a book that they cannot open", async () => {
    const world = new World();
    const client = await world.online();
    const asked = client.requestAccess("b1", "I drew the maps.");
    expect(world.socket.last("access.request")).toMatchObject({ book: "b1", note: "I drew the maps." });
    world.socket.answers("access.request", {});
    await asked;
  });

  it("a book is created under an id of our own", async () => {
    const world = new World();
    const client = await world.online();
    const created = client.createBook("Moby-Dick");
    const { book } = world.socket.last("book.create");
    world.socket.answers("book.create", {}, 1);
    await expect(created).resolves.toBe(book);
  });

  it("invitations are accepted and declined", async () => {
    const world = new World();
    const client = await world.online();
    void client.acceptInvitation("b1", "i1").catch(() => {});
    void client.declineInvitation("b2", "i2").catch(() => {});
    expect(world.socket.last("invitation.accept")).toMatchObject({ book: "b1", invitation: "i1" });
    expect(world.socket.last("invitation.decline")).toMatchObject({ book: "b2", invitation: "i2" });
  });

  it("notices reach who listens", async () => {
    const world = new World();
    const client = await world.online();
    const [notice, books] = [vi.fn(), vi.fn()];
    client.on("notice", notice);
    client.on("books", books);
    const wanted = { t: "notice", kind: "lock_wanted", book: "b1", chapter: "c1", by: { user: "bob", name: "Bob" }, note: null };
    world.socket.says(wanted);
    expect(notice).toHaveBeenCalledWith(wanted);
    expect(books).not.toHaveBeenCalled();
    world.socket.says({ t: "notice", kind: "books_changed" });
    expect(books).toHaveBeenCalledTimes(1);
  });
});
