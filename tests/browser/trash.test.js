// The trash below somebody's books, and memberships that end.
import assert from "node:assert/strict";
import { isAccessible } from "./harness/accessible.js";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

story("a book goes to the trash, comes back for everybody as it was, and is deleted for good out of the trash", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.page.getByRole("button", { name: "This book" }).click();
  await ann.page.getByRole("menuitem", { name: "Delete the book…" }).click();
  await ann.page.getByRole("button", { name: "Move to the trash" }).click();
  await ben.sees(ben.page.getByText("was moved to the trash. It was closed."), "that the book is gone", PROMISED_MS);
  const trash = ann.page.locator("details.trash");
  await ann.sees(ann.page.getByText("is in the trash."), "where it is now");
  assert.equal(await ann.page.getByText("It was closed.").count(), 0, "that is no news to her");
  await ann.sees(trash.getByText("Trash: 1 book"), "the trash");
  await trash.locator("summary").click();
  await ann.sees(trash.getByText("gone for good in 30 days"), "until when it can be brought back");
  await ann.screenshot("trash");
  await isAccessible(ann, "the trash");
  await trash.getByRole("button", { name: /^Restore / }).click();
  await ann.seesNoMore(trash, "the trash");
  await ann.sees(ann.page.getByRole("list", { name: "Your books" }).getByRole("link", { name: /^Almanac/ }), "the book");
  await ben.sees(ben.page.getByRole("list", { name: "Your books" }).getByRole("link", { name: /^Almanac/ }), "the book", PROMISED_MS);
  await ben.page.getByRole("list", { name: "Your books" }).getByRole("link", { name: /^Almanac/ }).click();
  await ben.sees(ben.row("Noon"), "its chapters");
  assert.equal(await ben.page.locator("details.trash").count(), 0);

  await ann.page.getByRole("list", { name: "Your books" }).getByRole("link", { name: /^Almanac/ }).click();
  await ann.page.getByRole("button", { name: "This book" }).click();
  await ann.page.getByRole("menuitem", { name: "Delete the book…" }).click();
  await ann.page.getByRole("button", { name: "Move to the trash" }).click();
  await trash.locator("summary").click();
  await trash.getByRole("button", { name: /^Delete .* for good…$/ }).click();
  await ann.page.getByRole("button", { name: "Delete for good", exact: true }).click();
  await ann.seesNoMore(trash, "the trash");
});

story("somebody is a member until a day, which everybody sees, and without an end again", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.page.getByRole("button", { name: "Share" }).click();
  await ann.page.getByRole("button", { name: "Until when Ben Lee is a member…" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Until when is Ben Lee a member?" });
  await dialog.getByLabel("Last day").fill("2099-03-03");
  await ann.screenshot("member-end");
  await isAccessible(ann, "the end of a membership");
  await dialog.getByRole("button", { name: "Save" }).click();
  await ann.seesNoMore(dialog, "the dialog");
  await ann.sees(ann.page.locator(".member-end", { hasText: "2099" }), "until when");
  await ann.screenshot("member-until");
  await ben.page.getByRole("button", { name: "Members" }).click();
  await ben.sees(ben.page.locator(".member-end", { hasText: "2099" }), "until when", PROMISED_MS);
  await ann.page.getByRole("button", { name: "Until when Ben Lee is a member…" }).click();
  await dialog.getByLabel("Last day").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await ben.seesNoMore(ben.page.locator(".member-end"), "an end", PROMISED_MS);
});
