import { describe, expect, it } from "vitest";

import { loaded } from "../src/book/comments.js";
import { masked } from "../src/book/members.js";
import { Unexplained, type BookModel } from "../src/book/model.js";
import { opened, outlineOf } from "../src/book/opened.js";
import { apply } from "../src/book/reducer.js";
import { applyPresence } from "../src/book/roster.js";
import { EVENT_KINDS, type Event, type Presence, type RosterEntry, type Snapshot, type Thread } from "../src/generated/protocol.js";
import { EPOCH, event, held, openedWith, snapshot, START } from "./world.js";

const bob = { user: "bob", name: "Bob" };
const THREAD = { thread: "t1", comment: "k1", chapter: "c1", anchor: null, author: bob, body: "Call me?", mentions: [] };

/** The book at seq 10, as its owner sees it. */
function book(fields: Partial<Snapshot> = {}): BookModel {
  return opened(openedWith({ snapshot: snapshot(fields) }), null);
}

/** The state after some events in a row. */
function after(model: BookModel, ...events: (Event | { t: string })[]): BookModel {
  return events.reduce<BookModel>((model, what) => {
    const applied = apply(model, event(model.position.seq + 1, what));
    if (applied.outcome !== "applied") throw new Error(applied.outcome);
    return applied.model;
  }, model);
}

const order = (model: BookModel): string => model.chapters.map(({ id }) => id).join(" ");
const lockOf = (model: BookModel, chapter: string) => model.chapters.find(({ id }) => id === chapter)?.lock;
const waitersOf = (model: BookModel, chapter: string) => lockOf(model, chapter)?.waiting.map(({ session }) => session);
const queued = (session: string, chapter = "c1") => ({ t: "lock.queued", chapter, waiter: bob, session, note: null }) as const;

describe("positions", () => {
  it("count every event", () => {
    expect(after(book(), { t: "withheld" }, { t: "withheld" }).position).toEqual({ epoch: EPOCH, seq: 12 });
  });

  it("show what is missing, what is known, and another life of the log", () => {
    expect(apply(book(), event(12, { t: "withheld" }))).toEqual({ outcome: "gap" });
    expect(apply(book(), event(10, { t: "withheld" }))).toEqual({ outcome: "known" });
    expect(apply(book(), event(11, { t: "withheld" }, { epoch: "00000000000000bb" }))).toEqual({ outcome: "gap" });
  });

  it("advance over kinds that are not known", () => {
    const model = after(book(), { t: "chapter.illuminated" }, { t: "toString" });
    expect(model.unknownEvents).toBe(2);
    expect(model.position.seq).toBe(12);
  });

  it("advance over what is withheld", () => {
    expect(after(book(), { t: "withheld" })).toMatchObject({ withheldEvents: 1, unknownEvents: 0 });
  });
});

describe("purity", () => {
  it("leaves the state before an event as it was, whatever the event", () => {
    const before = after(book(), held("c1"), { t: "comment.added", ...THREAD });
    const copy = structuredClone(before);
    after(
      before,
      queued("s-cy"),
      { t: "lock.rehomed", chapter: "c1", session: "s-bob", token: 101 },
      { t: "comment.replied", thread: "t1", comment: "k2", author: bob, body: "!", mentions: [] },
      { t: "comment.deleted", thread: "t1", comment: "k1" },
      { t: "chapter.moved", chapter: "c2", parent: null, after: null },
      { t: "chapter.removed", chapter: "c1" },
    );
    expect(before).toEqual(copy);
  });

  it("knows every kind of event", () => {
    for (const t of EVENT_KINDS) {
      let unknown = 0;
      try {
        const applied = apply(book(), event(11, { t, chapter: "c1", member: bob } as never));
        if (applied.outcome === "applied") unknown = applied.model.unknownEvents;
      } catch {
        // It was known, and did not fit.
      }
      expect(unknown, t).toBe(0);
    }
  });
});

describe("the book", () => {
  it("book.created sets title, metadata and owner", () => {
    const owner = { user: "cy", name: "Cy", email: "cy@example.org", role: "owner" } as const;
    const metadata = { ...snapshot().metadata, subtitle: "The Whale" };
    const model = after(book(), { t: "book.created", title: "New", metadata, owner });
    expect(model).toMatchObject({ title: "New", metadata, metadataSeq: 11, members: [owner] });
    expect(after(book(), { t: "book.created", title: "New", metadata, owner: null }).members).toEqual([]);
  });

  it("book.deleted, book.trashed and book.restored change nothing; the view ends by its notice", () => {
    const trashed = { t: "book.trashed", person: null, until: 9 } as const;
    for (const event of [{ t: "book.deleted" }, trashed, { t: "book.restored" }] as const) {
      expect(after(book(), event)).toMatchObject({ title: "Moby-Dick" });
    }
  });

  it("metadata.changed replaces title and metadata and becomes their base", () => {
    const metadata = { ...snapshot().metadata, authors: ["Herman Melville"] };
    expect(after(book(), { t: "metadata.changed", title: "The Whale", metadata })).toMatchObject({ title: "The Whale", metadata, metadataSeq: 11 });
  });

  it("format.changed replaces the format and becomes its base", () => {
    const format = { ...snapshot().format, font: "sans" as const };
    expect(after(book(), { t: "format.changed", format })).toMatchObject({ format, formatSeq: 11, metadataSeq: 1 });
  });
});

describe("tasks", () => {
  const mine = { t: "chapter.assigned", chapter: "c1", assignment: { person: bob, due_at: 9 }, person: bob } as const;
  const taskOf = (model: BookModel) => model.chapters.find(({ id }) => id === "c1")?.assignment;

  it("are somebody's, and nobody's again", () => {
    expect(taskOf(after(book(), mine))).toEqual({ person: bob, due_at: 9 });
    expect(after(book(), mine, { ...mine, assignment: null }).chapters).toEqual(book().chapters);
  });

  it("end with the membership", () => {
    const model = after(book(), { t: "member.joined", member: { ...bob, email: "", role: "editor" } }, mine);
    expect(taskOf(after(model, { t: "member.left", user: "ann" }))).toBeDefined();
    expect(taskOf(after(model, { t: "member.left", user: "bob" }))).toBeUndefined();
  });
});

describe("publishing", () => {
  const mia = { user: "mia", name: "Mia" };
  const submitted = (point: number) => ({ t: "publish.submitted", point, person: bob, note: "for autumn" }) as const;
  const published = (point: number) => ({ t: "publish.published", point, person: mia, note: null }) as const;
  const asked = (point: number) => ({ t: "publish.changes_requested", point, person: mia, note: "it drags" }) as const;
  const taken = { t: "publish.unpublished", person: mia, note: null } as const;

  it("goes from what was submitted to what is out and back", () => {
    const model = after(book(), submitted(3));
    expect(model.publishing).toMatchObject({ state: "submitted", was_published: false, revision: { point: 3, by: bob, note: "for autumn" } });
    expect(after(model, asked(3)).publishing).toMatchObject({ state: "changes_requested", revision: { by: mia, note: "it drags" } });
    expect(after(model, { t: "publish.approved", point: 3, person: mia, note: null }).publishing.state).toBe("approved");
    expect(after(model, { t: "publish.withdrawn", person: bob }).publishing).toEqual({ state: "draft", was_published: false });
    const out = after(model, published(3));
    expect(out.publishing).toMatchObject({ state: "published", was_published: true, edition: { point: 3, by: mia } });
    expect(out.publishing.revision).toBeUndefined();
    expect(after(out, taken).publishing).toEqual({ state: "unpublished", was_published: true });
  });

  it("keeps what is out while something else is submitted, and what is submitted when that ends", () => {
    const model = after(book(), published(2), submitted(3));
    expect(model.publishing).toMatchObject({ state: "published", edition: { point: 2 }, revision: { point: 3 } });
    expect(after(model, taken).publishing).toMatchObject({ state: "submitted", revision: { point: 3 } });
    expect(after(model, { t: "book.unshelved" }).publishing).toEqual({ state: "draft", was_published: false });
  });

  it("says nothing of a review to who may not download any more", () => {
    const before = after(book(), published(2), taken, submitted(3));
    expect(masked(before, "viewer", ["view", "comment"]).publishing).toEqual({ state: "unpublished", was_published: true });
    expect(masked(before, "editor", ["view", "download"]).publishing).toEqual(before.publishing);
  });
});

describe("chapters", () => {
  const added = (chapter: string, parent: string | null, sibling: string | null) =>
    ({ t: "chapter.added", chapter, title: chapter, kind: "chapter", parent, after: sibling }) as const;

  it.each([
    ["first of all", null, null, "new p1 c1 c2"],
    ["behind a part and its chapters", null, "p1", "p1 c1 new c2"],
    ["last of all", null, "c2", "p1 c1 c2 new"],
    ["first in a part", "p1", null, "p1 new c1 c2"],
    ["behind a chapter of a part", "p1", "c1", "p1 c1 new c2"],
  ])("chapter.added: %s", (_, parent, sibling, expected) => {
    expect(order(after(book(), added("new", parent, sibling)))).toBe(expected);
  });

  it.each([
    ["out of its part", { chapter: "c1", parent: null, after: "c2" }, "p1 c2 c1"],
    ["into a part", { chapter: "c2", parent: "p1", after: null }, "p1 c2 c1"],
    ["a part with its chapters", { chapter: "p1", parent: null, after: "c2" }, "c2 p1 c1"],
    ["to where it is", { chapter: "c2", parent: null, after: "p1" }, "p1 c1 c2"],
  ])("chapter.moved: %s", (_, move, expected) => {
    const model = after(book(), { t: "chapter.moved", ...move });
    expect(order(model)).toBe(expected);
    expect(model.chapters.find(({ id }) => id === move.chapter)?.parent).toBe(move.parent);
  });

  it("chapter.moved keeps the lock", () => {
    expect(lockOf(after(book(), held("c2"), { t: "chapter.moved", chapter: "c2", parent: null, after: null }), "c2")).not.toBeNull();
  });

  it("chapter.renamed", () => {
    expect(after(book(), { t: "chapter.renamed", chapter: "c1", title: "Call me" }).chapters[1]?.title).toBe("Call me");
  });

  it("chapter.removed hides the chapter and its threads, and tells those who may restore it", () => {
    const model = after(book(), { t: "comment.added", ...THREAD }, { t: "chapter.removed", chapter: "c1" });
    expect(order(model)).toBe("p1 c2");
    expect(model.threads).toEqual([]);
    expect(model.comments.size).toBe(0);
    expect(model.removed).toEqual([{ id: "c1", title: "Loomings", kind: "chapter", removed_at: START + 12, by: { user: "bob", name: "bob" } }]);
  });

  it("chapter.removed is not kept for those who may not restore it", () => {
    const viewer = masked(book(), "viewer", ["view", "comment"]);
    expect(after(viewer, { t: "chapter.removed", chapter: "c1" }).removed).toEqual([]);
  });

  it("chapter.restored is explained where nothing but the chapter comes back", () => {
    const reader = { ...after(book(), { t: "chapter.removed", chapter: "c1" }), threads: null };
    const model = after(reader, { t: "chapter.restored", chapter: "c1", parent: "p1", after: null });
    expect(order(model)).toBe("p1 c1 c2");
    expect(model.chapters[1]?.title).toBe("Loomings");
    expect(model.removed).toEqual([]);
  });

  it("chapter.restored is a question where threads come back with it, or its title is not known", () => {
    const restored = { t: "chapter.restored", chapter: "c1", parent: "p1", after: null } as const;
    const removed = after(book(), { t: "chapter.removed", chapter: "c1" });
    expect(() => after(removed, restored)).toThrow(Unexplained);
    expect(() => after({ ...removed, threads: null, removed: [] }, restored)).toThrow(Unexplained);
  });

  it.each([
    ["a chapter that exists is added", added("c1", null, null)],
    ["a chapter is added behind one that is not there", added("new", null, "gone")],
    ["a chapter is added to a part that is not there", added("new", "gone", null)],
    ["an unknown chapter moves", { t: "chapter.moved", chapter: "gone", parent: null, after: null }],
    ["an unknown chapter is renamed", { t: "chapter.renamed", chapter: "gone", title: "" }],
    ["an unknown chapter is removed", { t: "chapter.removed", chapter: "gone" }],
    ["an unknown chapter is locked", held("gone")],
    ["a lock is re-homed that another session has", { t: "lock.rehomed", chapter: "c1", session: "s-x", token: 1 }],
    ["an unknown thread is answered", { t: "comment.replied", thread: "gone", comment: "k", author: bob, body: "", mentions: [] }],
  ])("asks anew when %s", (_, what) => {
    expect(() => after(book(), what)).toThrow(Unexplained);
  });

  it("are a tree as well", () => {
    expect(outlineOf(book().chapters).map(({ chapter, children }) => [chapter.id, ...children.map(({ id }) => id)])).toEqual([["p1", "c1"], ["c2"]]);
  });
});

describe("locks", () => {
  it("lock.acquired says who holds the chapter, since when, under which token", () => {
    expect(lockOf(after(book(), held("c1")), "c1")).toEqual({
      holder: { user: "bob", name: "Bob", initials: "B", session: "s-bob" },
      token: 100,
      since_at: START + 11,
      away: false,
      waiting: [],
    });
  });

  it("lock.queued and lock.wait_ended keep the order of those who wait", () => {
    const model = after(book(), held("c1"), queued("s-1"), queued("s-2"), queued("s-3"));
    expect(waitersOf(model, "c1")).toEqual(["s-1", "s-2", "s-3"]);
    expect(waitersOf(after(model, { t: "lock.wait_ended", chapter: "c1", session: "s-2", reason: "cancelled" }), "c1")).toEqual(["s-1", "s-3"]);
  });

  it("lock.released frees the chapter", () => {
    expect(lockOf(after(book(), held("c1"), { t: "lock.released", chapter: "c1", session: "s-bob", reason: "released" }), "c1")).toBeNull();
  });

  it("the queue outlives a change of holder, without the one who got the lock", () => {
    const handedOver = { t: "lock.released", chapter: "c1", session: "s-bob", reason: "handed_over" } as const;
    const model = after(book(), held("c1"), queued("s-1"), queued("s-2"), handedOver, held("c1", "s-1", 200));
    expect(lockOf(model, "c1")).toMatchObject({ token: 200, holder: { session: "s-1" } });
    expect(waitersOf(model, "c1")).toEqual(["s-2"]);
    expect(model.queues.size).toBe(0);
  });

  it("the queue of a free chapter, whose waiters are all away, goes on", () => {
    const released = { t: "lock.released", chapter: "c1", session: "s-bob", reason: "released" } as const;
    const ended = { t: "lock.wait_ended", chapter: "c1", session: "s-1", reason: "disconnected" } as const;
    const model = after(book(), held("c1"), queued("s-1"), released, queued("s-2"), ended, held("c1", "s-9"));
    expect(waitersOf(model, "c1")).toEqual(["s-2"]);
  });

  it("lock.rehomed gives the same holder a new token and brings it back", () => {
    const model = after(book(), held("c1"));
    const away = applyPresence(model, { t: "presence", book: "b1", joined: [], moved: [{ session: "s-bob", state: "away" }], left: [], count: 1 });
    expect(lockOf(away, "c1")?.away).toBe(true);
    const back = after(away, { t: "lock.rehomed", chapter: "c1", session: "s-bob", token: 150 });
    expect(lockOf(back, "c1")).toMatchObject({ token: 150, away: false, since_at: START + 11 });
  });

  it("lock.wait_rehomed and lock.active change nothing that is shown", () => {
    const model = after(book(), held("c1"), queued("s-1"));
    const later = after(model, { t: "lock.wait_rehomed", chapter: "c1", session: "s-1" }, { t: "lock.active", chapter: "c1", active_at: START });
    expect(later.chapters).toBe(model.chapters);
  });

  it("ends on a chapter that was removed before are no riddle", () => {
    const gone = after(book(), held("c1"), { t: "chapter.removed", chapter: "c1" });
    const model = after(
      gone,
      { t: "lock.released", chapter: "c1", session: "s-bob", reason: "chapter_removed" },
      { t: "lock.wait_ended", chapter: "c1", session: "s-1", reason: "chapter_removed" },
    );
    expect(order(model)).toBe("p1 c2");
  });
});

describe("comments", () => {
  const talk = (): BookModel =>
    after(book(), { t: "comment.added", ...THREAD }, { t: "comment.replied", thread: "t1", comment: "k2", author: bob, body: "Ishmael", mentions: ["ann"] });

  it("comment.added begins a thread that is loaded whole", () => {
    const model = after(book(), { t: "comment.added", ...THREAD });
    expect(model.threads).toEqual([{ id: "t1", chapter: "c1", anchor: null, resolved: null, count: 1, last_at: START + 11 }]);
    expect(model.comments.get("t1")?.comments).toEqual([
      { id: "k1", author: bob, body: "Call me?", mentions: [], at: START + 11, edited_at: null, deleted: false },
    ]);
  });

  it("comment.replied counts and appends", () => {
    expect(talk().threads?.[0]).toMatchObject({ count: 2, last_at: START + 12 });
    expect(talk().comments.get("t1")?.comments.map(({ body }) => body)).toEqual(["Call me?", "Ishmael"]);
  });

  it("comment.replied is not shown twice where the thread was loaded with it", () => {
    const whole = talk().comments.get("t1") as Thread;
    const model = loaded(after(book(), { t: "comment.added", ...THREAD }), [whole]);
    const later = after(model, { t: "comment.replied", thread: "t1", comment: "k2", author: bob, body: "Ishmael", mentions: [] });
    expect(later.comments.get("t1")?.comments).toHaveLength(2);
  });

  it("comment.edited changes words and mentions, and says when", () => {
    const model = after(talk(), { t: "comment.edited", thread: "t1", comment: "k2", body: "Ahab", mentions: [] });
    expect(model.comments.get("t1")?.comments[1]).toMatchObject({ body: "Ahab", mentions: [], edited_at: START + 13, at: START + 12 });
  });

  it("comment.deleted leaves a tombstone that counts", () => {
    const model = after(talk(), { t: "comment.deleted", thread: "t1", comment: "k1" });
    expect(model.comments.get("t1")?.comments[0]).toMatchObject({ body: "", mentions: [], deleted: true });
    expect(model.threads?.[0]?.count).toBe(2);
  });

  it("thread.resolved and thread.reopened settle head and thread alike", () => {
    const settled = after(talk(), { t: "thread.resolved", thread: "t1", person: bob });
    const resolved = { by: bob, at: START + 13 };
    expect(settled.threads?.[0]?.resolved).toEqual(resolved);
    expect(settled.comments.get("t1")?.resolved).toEqual(resolved);
    const open = after(settled, { t: "thread.reopened", thread: "t1" });
    expect([open.threads?.[0]?.resolved, open.comments.get("t1")?.resolved]).toEqual([null, null]);
  });

  it("thread.anchored says of head and thread whether the words are gone", () => {
    const gone = after(talk(), { t: "thread.anchored", thread: "t1", detached: true });
    expect([gone.threads?.[0]?.detached, gone.comments.get("t1")?.detached]).toEqual([true, true]);
    const back = after(gone, { t: "thread.anchored", thread: "t1", detached: false });
    expect([back.threads?.[0]?.detached, back.comments.get("t1")?.detached]).toEqual([false, false]);
  });

  it("threads that are not loaded stay heads", () => {
    const heads = [{ id: "t9", chapter: "c1", anchor: null, resolved: null, count: 1, last_at: 1 }];
    const model = after(
      book({ threads: heads }),
      { t: "comment.replied", thread: "t9", comment: "k2", author: bob, body: "", mentions: [] },
      { t: "comment.edited", thread: "t9", comment: "k1", body: "x", mentions: [] },
      { t: "thread.resolved", thread: "t9", person: bob },
    );
    expect(model.threads?.[0]).toMatchObject({ count: 2, resolved: { by: bob } });
    expect(model.comments.size).toBe(0);
  });

  it("a thread that has no head is not taken in", () => {
    const foreign = { ...(talk().comments.get("t1") as Thread), id: "t7" };
    expect(loaded(talk(), [foreign]).comments.has("t7")).toBe(false);
  });
});

describe("people", () => {
  const cy = { user: "cy", name: "Cy", email: "cy@example.org", role: "viewer" } as const;
  const invitation = { t: "member.invited", invitation: "i1", email: cy.email, role: "viewer", inviter: bob, expires_at: 99 } as const;

  it("member.invited, invitation.resent and member.joined", () => {
    const invited = after(book(), invitation);
    expect(invited.invitations).toEqual([{ id: "i1", email: cy.email, role: "viewer", expires_at: 99 }]);
    expect(after(invited, { t: "invitation.resent", invitation: "i1", expires_at: 199 }).invitations?.[0]?.expires_at).toBe(199);
    const joined = after(invited, { t: "member.joined", member: cy, invitation: "i1" });
    expect(joined.invitations).toEqual([]);
    expect(joined.members.map(({ user }) => user)).toEqual(["ann", "cy"]);
  });

  it("invitation.mailed tells what became of a letter", () => {
    const mail = (...more: Event[]) => after(book(), { ...invitation, mail: true }, ...more).invitations?.[0]?.mail;
    expect(mail()?.state).toBe("waiting");
    const sent = { t: "invitation.mailed", invitation: "i1", asked: 1 } as const;
    expect(mail(sent)?.state).toBe("sent");
    expect(mail({ ...sent, reason: "no such mailbox" })).toMatchObject({ state: "failed", reason: "no such mailbox" });
    expect(mail(sent, { t: "invitation.resent", invitation: "i1", expires_at: 199, mail: true })?.state).toBe("waiting");
    expect(after(book(), invitation, sent).invitations?.[0]?.id).toBe("i1");
  });

  it.each(["invitation.revoked", "invitation.declined"] as const)("%s ends an invitation", (t) => {
    expect(after(book(), invitation, { t, invitation: "i1" }).invitations).toEqual([]);
  });

  it("who asks is shown to the owner until they are in or refused", () => {
    const asked = { t: "access.requested", person: { user: "cy", name: "Cy" }, email: "cy@example.org", note: null } as const;
    expect(after(book(), asked, asked).requests?.map(({ person }) => person.user)).toEqual(["cy"]);
    expect(after(book(), asked, { t: "access.refused", user: "cy" }).requests).toEqual([]);
    expect(after(book(), asked, { t: "member.joined", member: cy, invitation: null }).requests).toEqual([]);
    const editor = masked(after(book(), asked), "editor", ["view"]);
    expect(after(editor, asked).requests).toBeNull();
  });

  it("the book is offered to a member until they answer, leave, or have an end", () => {
    const member = after(book(), { t: "member.joined", member: cy, invitation: null });
    const offered = after(member, { t: "ownership.offered", to: { user: "cy", name: "Cy" }, expires_at: 9 });
    expect(offered.offer).toEqual({ to: { user: "cy", name: "Cy" }, expires_at: 9 });
    for (const end of [
      { t: "ownership.offer_ended", to: "cy", declined: true },
      { t: "member.left", user: "cy" },
      { t: "member.end_set", user: "cy", until: 9 },
    ] as const) {
      expect(after(offered, end).offer).toBeNull();
    }
    expect(after(offered, { t: "member.end_set", user: "cy", until: null }).offer).not.toBeNull();
    const [first] = member.members;
    const transferred = after(offered, { t: "ownership.transferred", from: first?.user ?? "", to: "cy" });
    expect(transferred.members.map(({ role }) => role)).toEqual(["author", "owner"]);
    expect(transferred.offer).toBeNull();
  });

  it("member.role_changed, member.removed and member.left", () => {
    const member = after(book(), { t: "member.joined", member: cy, invitation: null });
    expect(after(member, { t: "member.role_changed", user: "cy", role: "editor" }).members[1]?.role).toBe("editor");
    const ending = after(member, { t: "member.end_set", user: "cy", until: 9 });
    expect(ending.members[1]?.until).toBe(9);
    expect(after(ending, { t: "member.end_set", user: "cy", until: null }).members[1]).toEqual(member.members[1]);
    expect(after(member, { t: "member.removed", user: "cy" }).members).toHaveLength(1);
    expect(after(member, { t: "member.left", user: "cy" }).members).toHaveLength(1);
  });

  it("invitations stay hidden from all but the owner", () => {
    const editor = masked(book(), "editor", ["view", "comment", "organise"]);
    expect(after(editor, invitation).invitations).toBeNull();
  });

  it("who loses a right loses what it showed, at once", () => {
    const full = after(book(), { t: "comment.added", ...THREAD }, invitation, { t: "chapter.removed", chapter: "c2" });
    expect(masked(full, "reader", ["view"])).toMatchObject({ role: "reader", can: ["view"], threads: null, comments: new Map(), removed: [], invitations: null });
  });
});

describe("the roster", () => {
  const entry = (session: string): RosterEntry => ({ session, user: session, name: session, initials: "S", colour: "#000000", chapter: null, state: "active", cursor: null });
  const diff = (fields: Partial<Presence>): Presence => ({ t: "presence", book: "b1", joined: [], moved: [], left: [], count: 1, ...fields });

  it("follows joins, moves and leaves", () => {
    const here = applyPresence(book(), diff({ joined: [entry("s1"), entry("s2")], count: 2 }));
    expect(here.rosterCount).toBe(2);
    const moved = applyPresence(here, diff({ moved: [{ session: "s1", chapter: "c1", cursor: "5" }, { session: "s2", state: "idle" }] }));
    expect(moved.roster).toMatchObject([{ chapter: "c1", cursor: "5", state: "active" }, { chapter: null, state: "idle" }]);
    expect(applyPresence(moved, diff({ moved: [{ session: "s1", chapter: null }] })).roster[0]).toMatchObject({ chapter: null, cursor: "5" });
    const left = applyPresence(moved, diff({ left: ["s1"] }));
    expect([left.roster.map(({ session }) => session), left.rosterCount]).toEqual([["s2"], 1]);
  });

  it("counts those who are not told of", () => {
    const here = applyPresence(book(), diff({ joined: [entry("s1")], count: 300 }));
    expect([here.roster.length, here.rosterCount]).toEqual([1, 300]);
  });

  it("does not show a session twice, nor one that is not known", () => {
    const here = applyPresence(book(), diff({ joined: [entry("s1")] }));
    const again = applyPresence(here, diff({ joined: [{ ...entry("s1"), state: "away" }], moved: [{ session: "s7", state: "idle" }] }));
    expect([again.roster.length, again.rosterCount]).toEqual([1, 1]);
  });

  it("has no place in the log: the position stays", () => {
    expect(applyPresence(book(), diff({ joined: [entry("s1")] })).position.seq).toBe(10);
  });
});

describe("opening", () => {
  it("continues a state with events", () => {
    const events = [event(11, { t: "chapter.renamed", chapter: "c1", title: "Call me" }), event(12, { t: "withheld" })];
    const model = opened(openedWith({ seq: 12, role: "editor", events }), book());
    expect(model).toMatchObject({ role: "editor", position: { seq: 12 }, withheldEvents: 1 });
    expect(model.chapters[1]?.title).toBe("Call me");
  });

  it.each([
    ["without a state", null, openedWith({ seq: 11, events: [event(11, { t: "withheld" })] })],
    ["with a gap", book(), openedWith({ seq: 12, events: [event(12, { t: "withheld" })] })],
    ["that end too early", book(), openedWith({ seq: 12, events: [event(11, { t: "withheld" })] })],
    ["of another life", book(), openedWith({ epoch: "00000000000000bb", events: [] })],
  ])("takes no events %s", (_, before, answer) => {
    expect(() => opened(answer, before)).toThrow(Unexplained);
  });

  it("drops what was known before a snapshot, loaded threads included", () => {
    const before = after(book(), { t: "comment.added", ...THREAD }, { t: "withheld" });
    const heads = [...(before.threads ?? [])];
    const model = opened(openedWith({ snapshot: snapshot({ threads: heads }) }), before);
    expect([model.comments.size, model.threads?.length, model.withheldEvents]).toEqual([0, 1, 1]);
  });

  it("shows a reader no threads and nobody but the owner invitations", () => {
    const { threads, invitations, ...bare } = snapshot();
    expect([threads, invitations]).toEqual([[], []]);
    expect(opened(openedWith({ snapshot: bare }), null)).toMatchObject({ threads: null, invitations: null });
  });
});
