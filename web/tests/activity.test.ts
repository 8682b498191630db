// @vitest-environment jsdom
import { expect, test } from "vitest";
import { type ActivityRow, deed, doer } from "../src/lib/activity";

const ann = { id: "u1", name: "Ann" };
const ben = { id: "u2", name: "Ben" };

function row(what: string, more: Partial<ActivityRow> = {}): ActivityRow {
  return { seq: 1, at: "2026-01-01T00:00:00.000Z", who: ann, what, ...more };
}

function told(entry: ActivityRow): string {
  return `${doer(entry)} ${deed(entry, (user) => (user === "u1" ? "Ann" : "Ben"))}`;
}

test("a row is a sentence", () => {
  const chapter = { id: "c1", title: "Dawn" };
  expect(told(row("lock.released", { chapter, member: ben, reason: "forced" }))).toBe("Ann took “Dawn” from Ben");
  expect(told(row("lock.released", { who: { system: "idle" }, chapter, member: ben, reason: "idle" }))).toBe(
    "The hub ended the hold of “Dawn”: Ben had done nothing for long",
  );
  expect(told(row("member.role_changed", { member: ben, role: { from: "editor", to: "viewer" } }))).toBe(
    "Ann made Ben a viewer, who was an editor",
  );
  expect(told(row("metadata.changed", { detail: { fields: ["title", "isbn", "keywords"] } }))).toBe(
    "Ann changed what the book says about itself: title, ISBN and keywords",
  );
  const split = { effective_at: 1, shares: [{ user: "u1", basis_points: 6_250 }, { user: "u2", basis_points: 3_750 }] };
  expect(told(row("royalties.changed", { detail: { split } }))).toBe("Ann split the royalties: Ann 62.5 % and Ben 37.5 %");
  const version = { chapter: { id: "c1", title: "Dawn" }, detail: { version: 4 } };
  expect(told(row("version.restored", version))).toBe("Ann brought an old version of “Dawn” back");
  expect(told(row("log.lost", { who: null, detail: { lost: 4 } }))).toBe("The hub has lost 4 events here");
  expect(told(row("book.created", { who: { system: "import" } }))).toBe("The hub brought the book in from a file");
  expect(told(row("book.created", { who: { system: "host" } }))).toBe("The host application created the book");
});

test("what the log does not tell is said without names, and a kind that is new by its own", () => {
  expect(told(row("chapter.removed", { chapter: { id: "c1", title: null } }))).toBe("Ann removed a chapter");
  expect(told(row("member.left", { who: { id: "u3", name: null }, role: { from: null, to: null } }))).toBe(
    "a former member left the book, as no member",
  );
  expect(told(row("library.joined"))).toBe("Ann library.joined");
});
