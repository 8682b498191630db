// @vitest-environment jsdom
import { expect, test } from "vitest";
import { type ActivityRow, doer } from "../src/lib/activity";
import { libraryDeed } from "../src/lib/library-log";

const ann = { id: "u1", name: "Ann" };

function told(what: string, more: Partial<ActivityRow> = {}): string {
  const row: ActivityRow = { seq: 1, at: "2026-01-01T00:00:00.000Z", who: ann, what, ...more };
  return `${doer(row)} ${libraryDeed(row)}`;
}

test("what somebody got and lost is said with its bounds", () => {
  const given = [{ permission: "edit", books: { categories: ["Sea", "Land"] } } as const, { permission: "upload" } as const];
  const taken = [{ permission: "add_users", users: { countries: ["de"] } } as const];
  const of = (given: readonly object[], taken: readonly object[]) =>
    told("user.granted", { address: "ben@x", detail: { grants: { given: [...given], taken: [...taken] } as never } });
  expect(of(given, taken)).toBe("Ann gave ben@x Edit books (in Sea and Land) and Upload books, and took Add users (from DE) from them");
  expect(of([], taken)).toBe("Ann took Add users (from DE) from ben@x");
  expect(of([], [])).toBe("Ann left what ben@x may do as it was");
  expect(of([{ permission: "list", books: { titles: [] } }, { permission: "edit", books: { own: true } }], [])).toBe(
    "Ann gave ben@x List books (none) and Edit books (own)",
  );
});

test("users, books and settings are told by name, and host applications as such", () => {
  const ben = { id: "u2", name: "Ben" };
  expect(told("user.removed", { member: ben, address: "ben@x" })).toBe("Ann removed Ben");
  expect(told("user.updated", { address: "ben@x", detail: { fields: ["country", "role"] } })).toBe(
    "Ann changed what is said of ben@x: country and role",
  );
  expect(told("user.deactivated", { who: { system: "host" }, member: ben })).toBe("The host application locked Ben out");
  const switches = [{ topic: "invited", inbox: true, mail: false }] as const;
  expect(told("settings.switched", { detail: { switches: [...switches] } })).toBe("Ann said what anybody may be told: Invitations to books by bell alone");
  const webhook = { webhook: "w1", host: "hooks.example.org", topics: ["published" as const], on: true };
  expect(told("webhook.set", { detail: { webhook } })).toBe("Ann set the webhook to hooks.example.org, which is told of 1 event");
  expect(told("webhook.set", { who: null, detail: { webhook: { ...webhook, on: false } } })).toBe("The hub turned the webhook to hooks.example.org off");
  expect(told("webhook.removed", { detail: { webhook_removed: "w1" } })).toBe("Ann removed a webhook");
  const book = { id: "b1", title: "Walden" };
  expect(told("book.shelved", { who: null, book })).toBe("The hub brought “Walden” into the library");
  const state = { from: { state: "published" }, to: { state: "published", revision: "submitted" } } as const;
  expect(told("book.state_changed", { book, state })).toBe(
    "Ann moved “Walden” on: published → published · new edition: waits for review",
  );
  expect(told("log.lost", { who: null, detail: { lost: 1 } })).toBe("The hub has lost 1 event here");
  expect(told("library.renamed")).toBe("Ann library.renamed");
});
