import { expect, test } from "vitest";
import type { Grant } from "quire-client";
import { PERMISSIONS } from "../../protocol/typescript/src/generated/protocol";
import { addressesOf, ANY, choicesOf, grantsOf, impliedBy, ROWS, summaryOf } from "../src/lib/permissions";

test("every permission is offered once", () => {
  expect(ROWS.map((row) => row.permission)).toEqual([...PERMISSIONS]);
});

test("what was given is shown and given again as it was", () => {
  const grants: Grant[] = [
    { permission: "list" },
    { permission: "download", books: { own: true } },
    { permission: "edit", books: { titles: ["Persuasion, or Waiting", "Emma"] } },
    { permission: "publish", books: { categories: ["Sea"] } },
    { permission: "list_users", users: { countries: ["DE", "KE"], roles: ["copy editor"] } },
    { permission: "settings" },
  ];
  expect(grantsOf(choicesOf(grants))).toEqual(grants);
});

test("a row that names nothing reaches nothing, and one without bounds everything", () => {
  expect(grantsOf(new Map([["edit", { ...ANY, reach: "titles" as const, names: " ; " }]]))).toEqual([
    { permission: "edit", books: { titles: [] } },
  ]);
  expect(grantsOf(new Map([["list_users", { ...ANY, countries: " ke ", roles: "" }]]))).toEqual([
    { permission: "list_users", users: { countries: ["KE"] } },
  ]);
});

test("what comes along says with what, unless it is ticked itself", () => {
  const implied = impliedBy(new Map([["edit", ANY], ["list", ANY]]));
  expect([...implied]).toEqual([["download", "edit"]]);
  expect(impliedBy(new Map([["settings", ANY]])).size).toBe(14);
});

test("addresses come in any form", () => {
  expect(addressesOf("a@x.org, b@x.org;\n c@x.org ")).toEqual(["a@x.org", "b@x.org", "c@x.org"]);
});

test("what somebody may do is said in a few words", () => {
  expect(summaryOf([])).toBe("nothing yet");
  expect(summaryOf([{ permission: "edit", books: { categories: ["Sea"] } }, { permission: "upload" }])).toBe(
    "Edit books (Sea), Upload books",
  );
});
