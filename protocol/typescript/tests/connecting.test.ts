import { expect, it, vi } from "vitest";

import { HANG_UP_CODE } from "../src/closing.js";
import { OPEN_MS_MAX } from "../src/connection.js";
import { json } from "../src/codec.js";
import { settle, World } from "./world.js";

it("says hello with a token and is online after the welcome", async () => {
  const world = new World();
  const client = world.connects({ client: "page/1" });
  expect(client.state).toEqual({ status: "connecting" });
  const socket = await world.welcomes();
  expect(socket.protocol).toBe("quire.v1.msgpack");
  expect(socket.frames).toEqual([{ t: "hello", token: "jwt", client: "page/1" }]);
  expect(client.state).toEqual({ status: "online", resumed: false });
  expect(client.user?.name).toBe("Ann Lee");
  expect(client.session).toBe("s1");
  expect(client.limits.message_bytes).toBe(65_536);
});

it("speaks JSON when asked to", async () => {
  const world = new World();
  const client = await world.online({ encoding: "json" });
  expect(world.socket.protocol).toBe(json.subprotocol);
  const books = client.listBooks();
  world.socket.answers("books.list", { books: [], cursor: null });
  await expect(books).resolves.toEqual([]);
});

it("resumes its session, each time with a higher incarnation and the time of idleness", async () => {
  const world = new World();
  const client = await world.online();
  await world.passes(7_000);
  world.socket.hangsUp(1006);
  await world.passes(125);
  world.socket.open();
  expect(world.socket.hello.resume).toEqual({ session: "s1", incarnation: 1, idle_ms: 7_125 });
  world.socket.hangsUp(1006);
  await world.untilNextAttempt();
  await world.welcomes();
  expect(world.socket.hello.resume?.incarnation).toBe(2);
  expect(client.state).toEqual({ status: "online", resumed: true });
  await world.reconnects();
  expect(world.socket.hello.resume).toMatchObject({ session: "s1", incarnation: 3 });
});

it("begins a new session where the hub does not continue the old one", async () => {
  const world = new World();
  const client = await world.online();
  world.socket.hangsUp(1006);
  await world.untilNextAttempt();
  await world.welcomes({ session: "s9", resumed: false });
  expect(client.session).toBe("s9");
  expect([...world.locks!.held.keys()]).toEqual(["quire-session-s9"]);
  await world.reconnects();
  expect(world.socket.hello.resume).toMatchObject({ session: "s9", incarnation: 2 });
});

it("does not resume without the session's Web Lock", async () => {
  const world = new World();
  await world.online();
  expect([...world.locks!.held.keys()]).toEqual(["quire-session-s1"]);
  world.locks!.stolenByAnotherTab("quire-session-s1");
  await world.reconnects();
  expect(world.socket.hello.resume).toBeUndefined();
});

it("resumes by memory alone where there are no Web Locks", async () => {
  const world = new World();
  world.locks = undefined;
  await world.online();
  await world.reconnects();
  expect(world.socket.hello.resume?.session).toBe("s1");
});

it("backs off with full jitter, and begins anew after a good connection", async () => {
  const world = new World();
  const client = await world.online();
  const delays: number[] = [];
  client.on("state", (state) => {
    if (state.status === "reconnecting") delays.push(state.retryAt - world.time);
  });
  world.socket.hangsUp(1006);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await world.passes(delays.at(-1)!);
    world.socket.hangsUp(1006);
  }
  expect(delays).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  await world.passes(15_000);
  await world.welcomes();
  await world.passes(6_000);
  world.socket.hangsUp(1006);
  expect(delays.at(-1)).toBe(125);
});

it("does not hurry to a hub that greets and hangs up at once", async () => {
  const world = new World();
  const client = await world.online();
  for (let round = 0; round < 5; round += 1) {
    world.socket.hangsUp(1006);
    await world.untilNextAttempt();
    await world.welcomes();
  }
  world.socket.hangsUp(1006);
  expect(client.state).toMatchObject({ status: "reconnecting", attempt: 6, retryAt: world.time + 4_000 });
});

it("asks for a new token after 4001 and tries again", async () => {
  const world = new World();
  const token = vi.fn().mockResolvedValueOnce("old").mockResolvedValueOnce("new");
  const client = await world.online({ token });
  world.socket.hangsUp(4001, "expired");
  expect(client.state).toMatchObject({ status: "reconnecting", reason: "unauthenticated" });
  await world.untilNextAttempt();
  await world.welcomes();
  expect(world.socket.hello).toMatchObject({ token: "new", resume: { session: "s1" } });
  expect(client.state.status).toBe("online");
});

it("goes on asking while no token is to be had", async () => {
  const world = new World();
  const token = vi.fn().mockRejectedValueOnce(new Error("offline")).mockResolvedValue("jwt");
  const client = world.connects({ token });
  await settle();
  expect(client.state).toMatchObject({ status: "reconnecting", reason: "no_token" });
  await world.untilNextAttempt();
  await world.welcomes();
  expect(client.state.status).toBe("online");
});

it("renews its token before it expires", async () => {
  const world = new World();
  const token = vi.fn().mockReturnValueOnce("first").mockReturnValueOnce("second").mockReturnValueOnce("third");
  await world.online({ token }, { expires_at: world.time + 300_000 });
  await world.passes(239_999);
  expect(world.socket.commands("token.refresh")).toEqual([]);
  await world.passes(1);
  expect(world.socket.last("token.refresh")).toMatchObject({ token: "second" });
  world.socket.answers("token.refresh", { expires_at: world.time + 360_000 });
  await world.passes(300_000);
  expect(world.socket.last("token.refresh")).toMatchObject({ token: "third" });
});

it.each([
  [4000, "protocol"],
  [4003, "disabled"],
] as const)("gives up after %i", async (code, reason) => {
  const world = new World();
  const client = await world.online();
  const view = client.openBook("b1");
  const list = client.listBooks();
  world.socket.hangsUp(code, "why");
  await expect(list).rejects.toMatchObject({ name: "QuireClosed", reason: "closed" });
  expect(client.state).toEqual({ status: "closed", reason, message: "why" });
  expect(view.status).toBe("closed");
  await world.passes(3_600_000);
  expect(world.sockets).toHaveLength(1);
});

it("stays away after 4009 until it takes the session back", async () => {
  const world = new World();
  const client = await world.online();
  const view = client.openBook("b1");
  world.locks!.stolenByAnotherTab("quire-session-s1");
  world.socket.hangsUp(4009);
  expect(client.state).toMatchObject({ status: "closed", reason: "elsewhere" });
  await world.passes(3_600_000);
  world.page.fire("online");
  client.reconnectNow();
  expect(world.sockets).toHaveLength(1);
  expect(view.status).not.toBe("closed");
  await expect(client.listBooks()).rejects.toMatchObject({ reason: "closed" });

  client.takeBack();
  await settle();
  await world.welcomes();
  expect(world.socket.hello.resume?.session).toBe("s1");
  expect(world.socket.hello.resume?.incarnation).toBeGreaterThan(100);
  expect(client.state).toEqual({ status: "online", resumed: true });
  expect(world.socket.commands("book.open")).toHaveLength(1);
});

it("comes back to a draining hub when it was told to", async () => {
  const world = new World();
  const client = await world.online();
  const announced = vi.fn();
  client.on("draining", announced);
  world.socket.says({ t: "draining", reconnect_after_ms: 1_200 });
  expect(announced).toHaveBeenCalledWith({ reconnectAfterMs: 1_200 });
  await world.passes(200);
  world.socket.hangsUp(4013);
  expect(client.state).toMatchObject({ status: "reconnecting", reason: "draining", retryAt: world.time + 1_000 });
  client.reconnectNow();
  await world.passes(999);
  expect(world.sockets).toHaveLength(1);
  await world.passes(1);
  expect(world.sockets).toHaveLength(2);
});

it("leaves a draining hub that forgets to hang up, without giving up its session", async () => {
  const world = new World();
  await world.online();
  const [first] = world.sockets;
  world.socket.says({ t: "draining", reconnect_after_ms: 1_200 });
  await world.passes(1_200);
  expect(first!.closedBy?.code).toBe(4013);
  await world.welcomes();
  expect(world.socket.hello.resume?.session).toBe("s1");
});

it("slows down when it was told that there are limits", async () => {
  const world = new World();
  const client = await world.online();
  world.socket.hangsUp(4029);
  expect(client.state).toMatchObject({ reason: "limits", retryAt: world.time + 1_000 });
});

it("says goodbye when the page is left, and begins anew when it comes back from the cache", async () => {
  const world = new World();
  const client = await world.online();
  const list = client.listBooks();
  world.page.fire("pagehide", { persisted: true });
  await expect(list).rejects.toMatchObject({ reason: "closed" });
  expect(world.socket.closedBy?.code).toBe(1000);
  await settle();
  expect(world.locks!.held.size).toBe(0);
  await world.passes(3_600_000);
  expect(world.sockets).toHaveLength(1);

  world.page.fire("pageshow", { persisted: true });
  await world.welcomes();
  expect(world.socket.hello.resume).toBeUndefined();
  expect(client.state).toEqual({ status: "online", resumed: false });
});

it("is not confused by the pageshow of a page that was never hidden", async () => {
  const world = new World();
  await world.online();
  world.page.fire("pageshow", { persisted: false });
  await settle();
  expect(world.sockets).toHaveLength(1);
});

it("tries at once when the network is back", async () => {
  const world = new World();
  const client = await world.online();
  world.network = false;
  world.chance = 0.9;
  world.socket.hangsUp(1006);
  expect(client.state.status).toBe("offline");
  world.network = true;
  world.page.fire("online");
  await settle();
  expect(world.sockets).toHaveLength(2);
  await world.passes(1_000);
  expect(world.sockets).toHaveLength(2);
});

it("gives up an attempt that gets no welcome", async () => {
  const world = new World();
  const client = world.connects();
  await settle();
  world.socket.open();
  await world.passes(OPEN_MS_MAX);
  expect(world.sockets[0]!.closedBy?.code).toBe(HANG_UP_CODE);
  await world.passes(1_000);
  expect(world.sockets).toHaveLength(2);
  expect(client.state.status).toBe("reconnecting");
});

it("does not speak to a server that does not speak its protocol", async () => {
  const world = new World();
  const client = world.connects();
  await settle();
  world.socket.protocol = "";
  world.socket.open();
  expect(world.socket.frames).toEqual([]);
  expect(client.state).toMatchObject({ status: "closed", reason: "protocol" });
});

it.each([
  ["no frame", (world: World) => world.socket.saysRaw(Uint8Array.of(1))],
  ["a second welcome", (world: World) => world.socket.says({ t: "welcome" })],
  ["a frame between parts", (world: World) => {
    world.socket.says({ t: "part", last: false, data: Uint8Array.of(1) });
    world.socket.says({ t: "draining", reconnect_after_ms: 1 });
  }],
])("reconnects and keeps its session after %s", async (_, misbehaves) => {
  const world = new World();
  const client = await world.online();
  misbehaves(world);
  expect(world.socket.closedBy?.code).toBe(HANG_UP_CODE);
  expect(client.state.status).toBe("reconnecting");
  await world.untilNextAttempt();
  await world.welcomes();
  expect(client.state).toEqual({ status: "online", resumed: true });
});

it("ignores frames of kinds it does not know", async () => {
  const world = new World();
  const client = await world.online();
  world.socket.says({ t: "weather", sunny: true });
  expect(client.state.status).toBe("online");
});

it("hangs up when the next part does not come", async () => {
  const world = new World();
  await world.online();
  world.socket.says({ t: "part", last: false, data: Uint8Array.of(1) });
  await world.passes(9_999);
  expect(world.socket.closedBy).toBeNull();
  await world.passes(1);
  expect(world.sockets[0]!.closedBy?.code).toBe(HANG_UP_CODE);
});

it("says that the person is active at most once in 30 s", async () => {
  const world = new World();
  await world.online();
  const said = (): number => world.socket.frames.filter(({ t }) => t === "activity").length;
  world.page.fire("keydown");
  world.page.fire("pointermove");
  await world.passes(29_999);
  world.page.fire("input");
  expect(said()).toBe(1);
  await world.passes(1);
  world.page.fire("touchstart");
  expect(said()).toBe(2);
  await world.passes(120_000);
  expect(said()).toBe(2);
  world.document.visibilityState = "hidden";
  world.document.fire("visibilitychange");
  expect(said()).toBe(2);
});

it("closes for good: nothing listens, nothing runs, locks are free", async () => {
  const world = new World();
  const client = await world.online();
  const view = client.openBook("b1");
  client.close();
  expect(world.socket.closedBy?.code).toBe(1000);
  expect(client.state).toMatchObject({ status: "closed", reason: "closed" });
  expect(view.status).toBe("closed");
  expect(world.page.listeners + world.document.listeners).toBe(0);
  await world.passes(3_600_000);
  expect(world.sockets).toHaveLength(1);
  await expect(client.listBooks()).rejects.toMatchObject({ reason: "closed" });
});

it("lets no listener disturb another", async () => {
  const world = new World();
  const client = await world.online();
  const heard = vi.fn();
  client.on("books", () => {
    throw new Error("a bug of the page");
  });
  const stop = client.on("books", heard);
  world.socket.says({ t: "notice", kind: "books_changed" });
  stop();
  world.socket.says({ t: "notice", kind: "books_changed" });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(world.reported).toHaveLength(2);
});

it("reports an address that the browser does not take, and does not spin over it", async () => {
  const world = new World();
  const openSocket = vi.fn(() => {
    throw new SyntaxError("no such scheme");
  });
  const client = world.connects({ environment: Object.assign(world, { openSocket }) });
  await settle();
  expect(client.state).toMatchObject({ status: "reconnecting", reason: "lost" });
  expect(world.reported).toHaveLength(1);
  expect(openSocket).toHaveBeenCalledTimes(1);
});
