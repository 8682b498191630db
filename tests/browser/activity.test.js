// What happened to a book, for its owner: read, narrowed and taken away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { story } from "./harness/story.js";

async function opens(person, item) {
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: item }).click();
  const dialog = person.page.getByRole("dialog", { name: item });
  await person.sees(dialog, item);
  return dialog;
}

async function takesOver(person, chapter, reason) {
  await person.views(chapter);
  await person.lockBar.getByRole("button", { name: "Take over" }).click();
  const dialog = person.page.getByRole("dialog", { name: `Take over “${chapter}”` });
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Take over", exact: true }).click();
  await person.seesNoMore(dialog, "the question");
}

async function closes(person, dialog) {
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await person.seesNoMore(dialog, "the dialog");
}

async function renamesBook(person, title) {
  const about = await opens(person, "About this book");
  await about.getByLabel("Title", { exact: true }).fill(title);
  await about.getByRole("button", { name: "Save" }).click();
  await person.seesNoMore(about, "the form");
}

story("the owner reads who did what and why, narrows it, and takes it away as a table", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.writes("Dawn");
  await takesOver(ann, "Dawn", "It goes to print");
  const share = await ann.openShare();
  await share.getByLabel("Role of Ben Lee").selectOption("viewer");
  await closes(ann, share);

  const dialog = await opens(ann, "Audit log");
  const rows = dialog.locator(".activity-row");
  await ann.sees(rows.filter({ hasText: "Ann Lee made Ben Lee a viewer, who was an author" }), "the change of role");
  const taken = rows.filter({ hasText: "Ann Lee took “Dawn” from Ben Lee" });
  await ann.sees(taken.getByText("“It goes to print”"), "why the chapter was taken");
  assert.match(await rows.first().innerText(), /made Ben Lee a viewer/, "the newest comes first");
  assert.match(await rows.last().innerText(), /created the book/, "all of it is there");
  await ann.screenshot("activity");

  await dialog.getByLabel("What").selectOption({ label: "Locks that were taken or ended" });
  await ann.seesNoMore(rows.filter({ hasText: "made Ben Lee" }), "what is about no lock");
  await ann.sees(taken, "the lock");
  await dialog.getByLabel("What").selectOption({ label: "Everything" });
  await dialog.getByLabel("Who").selectOption({ label: "Ben Lee" });
  await ann.sees(rows.filter({ hasText: "Ben Lee joined as an author" }), "what Ben did");
  await ann.seesNoMore(rows.filter({ hasText: "created the book" }), "what Ben had no part in");

  await dialog.getByLabel("Who").selectOption({ label: "Anybody" });
  await ann.sees(rows.filter({ hasText: "created the book" }), "all of it again");
  const [file] = await Promise.all([
    ann.page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Download as CSV" }).click(),
  ]);
  assert.match(file.suggestedFilename(), /^Almanac \d+ - audit log\.csv$/);
  const table = (await readFile(await file.path(), "utf8")).split("\r\n");
  assert.match(table[0], /^seq,at,who,who_name,/);
  assert.ok(table.some((line) => line.includes("forced,It goes to print")), table.join("\n"));

  await closes(ann, dialog);
  await ben.page.getByRole("button", { name: "This book" }).click();
  await ben.sees(ben.page.getByRole("menuitem", { name: "About this book" }), "the menu");
  assert.equal(await ben.page.getByRole("menuitem", { name: "Audit log" }).count(), 0, "others have no audit log");
});

story("everybody in the book reads what happened in it, and nobody what is not for them", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo({ role: "reader" });
  await renamesBook(ann, `${title}, revised`);
  const dialog = await opens(ben, "Activity");
  const rows = dialog.locator(".activity-row");
  await ben.sees(rows.filter({ hasText: "Ann Lee added “Noon”" }), "everyday work");
  await ben.sees(rows.filter({ hasText: "Ann Lee changed what the book says about itself" }), "the new title");
  await ben.seesNoMore(rows.filter({ hasText: "invited" }), "invitations");
  await ben.screenshot("activity-of-a-reader");
  await closes(ben, dialog);
  const own = await opens(ann, "Activity");
  await ann.sees(own.locator(".activity-row").filter({ hasText: "Ann Lee invited ben@example.org" }), "the invitation");
});

story("older rows come when they are asked for, hostile names as words", async (town) => {
  const { ann } = await town.bookOfTwo();
  const title = `=HYPERLINK("x") <img src=x onerror=alert(1)>`;
  for (let time = 0; time < 26; time += 1) {
    await renamesBook(ann, `${title} ${time}`);
    const share = await ann.openShare();
    await share.getByLabel("Role of Ben Lee").selectOption(time % 2 === 0 ? "viewer" : "author");
    await closes(ann, share);
  }
  const dialog = await opens(ann, "Audit log");
  const rows = dialog.locator(".activity-row");
  await ann.sees(rows.nth(49), "fifty rows");
  assert.equal(await rows.count(), 50);
  await dialog.getByRole("button", { name: "Load more" }).click();
  await ann.sees(rows.filter({ hasText: "created the book" }), "the beginning");
  // The book was made, Ben invited, his letter sent, and he joined.
  assert.equal(await rows.count(), 52 + 4);
  await ann.seesNoMore(dialog.getByRole("button", { name: "Load more" }), "more to load");
});
