// The whole book as it was: kept, read, compared and taken away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { story } from "./harness/story.js";

async function writes(person, chapter, words) {
  await person.writes(chapter);
  await person.page.getByRole("textbox", { name: chapter }).click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(words);
  await person.sees(person.lockBar.getByText("Saved"), "that it is saved");
  await person.lockBar.getByRole("button", { name: "Release" }).click();
  await person.sees(person.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
}

async function organises(person, chapter, what) {
  await person.row(chapter).hover();
  await person.page.getByRole("button", { name: `Organise ${chapter}` }).click();
  await person.page.getByRole("menuitem", { name: what }).click();
}

async function opensMenu(person) {
  await person.page.getByRole("button", { name: "This book" }).click();
  return person.page.getByRole("menu");
}

async function opensHistory(person) {
  await (await opensMenu(person)).getByRole("menuitem", { name: "History of the book" }).click();
  const dialog = person.page.getByRole("dialog", { name: "History of the book" });
  await person.sees(dialog, "the history of the book");
  return dialog;
}

function points(dialog) {
  return dialog.getByRole("region", { name: "Points in time" }).locator(".version-row");
}

async function keeps(person, dialog, label) {
  await dialog.getByRole("button", { name: "Keep the book as it is" }).click();
  const keeping = person.page.getByRole("dialog", { name: "Keep the book as it is" });
  assert.equal(await keeping.getByRole("radio").count(), 0, "there is no choice of a chapter");
  await keeping.getByLabel("Name").fill(label);
  await keeping.getByRole("button", { name: "Keep", exact: true }).click();
  await person.sees(points(dialog).filter({ hasText: label }), `the point ${label}`);
}

async function closes(person, dialog) {
  await dialog.getByRole("button", { name: "Close", exact: true }).first().click();
  await person.seesNoMore(dialog, "the dialog");
}

story("the book is kept, changes, and is read, compared and downloaded as it was", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  await writes(ann, "Dawn", "It was a bright day in April.");
  await writes(ann, "Noon", "They had lunch.");
  let dialog = await opensHistory(ann);
  await ann.sees(dialog.getByText("Nobody has kept the book yet."), "that nothing is kept");
  await keeps(ann, dialog, "First draft");
  await closes(ann, dialog);

  await writes(ben, "Dawn", " And cold.");
  await organises(ann, "Noon", "Remove");
  await organises(ann, "Dusk", "Move up");
  await organises(ann, "Dawn", "Rename");
  const name = ann.page.getByRole("textbox", { name: "Title" });
  await name.fill("Morning");
  await name.press("Enter");
  await ann.sees(ann.row("Morning"), "the new name");

  dialog = await opensHistory(ben);
  await ben.sees(points(dialog).filter({ hasText: "First draft" }).getByText("Ann Lee"), "who kept it");
  await ben.sees(points(dialog).getByText("3 chapters · 10 words"), "how much it is");
  const then = dialog.getByRole("region", { name: "The book as it was" });
  await ben.sees(then.locator(".point-title").first(), "the chapters");
  assert.deepEqual(await then.locator(".point-title").allInnerTexts(), ["Dawn", "Noon", "Dusk"]);
  const row = (chapter) => then.locator("li", { has: ben.page.locator(".point-title", { hasText: chapter }) });
  await ben.sees(row("Dawn").getByText("Now “Morning”"), "what it is called now");
  await ben.sees(row("Noon").getByText("Removed since"), "that it was removed");
  await ben.sees(row("Dusk").getByText("No text"), "that nobody had written there");
  assert.equal(await row("Dusk").getByRole("button").count(), 0, "there is nothing to read");
  await ben.screenshot("points");

  // A chapter that went on.
  await row("Dawn").getByRole("button").click();
  const read = dialog.getByRole("region", { name: "Text of the version" });
  await ben.sees(read.getByText("It was a bright day in April.", { exact: true }), "what it said");
  await dialog.getByRole("button", { name: "Compare" }).click();
  const changed = dialog.getByRole("region", { name: "What changed" });
  await ben.sees(changed.locator("ins", { hasText: "And cold." }), "what came since");
  assert.equal(await dialog.getByLabel("Compare with").inputValue(), "now");
  await ben.screenshot("points-compare");
  // One that is gone.
  await dialog.getByRole("button", { name: "All chapters" }).click();
  await ben.page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Dawn"));
  await row("Noon").getByRole("button").click();
  await ben.sees(read.getByText("They had lunch."), "what it said");
  await dialog.getByRole("button", { name: "Compare" }).click();
  await ben.sees(dialog.getByText("Both say the same."), "that nobody changed it");
  await dialog.getByRole("button", { name: "All chapters" }).click();

  await dialog.getByRole("button", { name: "Download as" }).click();
  const taking = ben.page.getByRole("dialog", { name: "Download the book as it was" });
  await ben.sees(taking.getByText("First draft"), "which state it is");
  const [download] = await Promise.all([
    ben.page.waitForEvent("download"),
    taking.getByRole("button", { name: /^Markdown/ }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `${title}.md`);
  const file = (await readFile(await download.path())).toString();
  assert.match(file, /Dawn[^]*bright day in April\.\n[^]*Noon[^]*lunch[^]*Dusk/);
  assert.doesNotMatch(file, /cold|Morning/);
  await closes(ben, taking);
  await ben.sees(then, "the history behind it");

  await keeps(ben, dialog, "Second draft");
  assert.equal(await points(dialog).count(), 2);
  await ben.sees(dialog.getByRole("heading", { name: "Second draft" }), "the newest point");
  await ben.sees(then.locator(".point-title").last(), "its chapters");
  assert.deepEqual(await then.locator(".point-title").allInnerTexts(), ["Dusk", "Morning"]);
  await points(dialog).first().focus();
  await ben.page.keyboard.press("ArrowDown");
  await ben.page.keyboard.press("Enter");
  await ben.sees(dialog.getByRole("heading", { name: "First draft" }), "the first point");
  await closes(ben, dialog);

  // The version of the chapter stays when its name is taken away, and says why.
  await ann.views("Morning");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const chapter = ann.page.getByRole("dialog", { name: "History of “Morning”" });
  await chapter.locator(".version-row").filter({ hasText: "First draft" }).click();
  await chapter.getByRole("button", { name: "Rename" }).click();
  const naming = ann.page.getByRole("dialog", { name: "Rename this version" });
  await ann.sees(naming.getByText("It belongs to the history of the book"), "that it stays");
});

story("a narrow page shows the points or one of them", async (town) => {
  const { ann } = await town.bookOfTwo();
  await writes(ann, "Dawn", "It was a bright day in April.");
  const dialog = await opensHistory(ann);
  await keeps(ann, dialog, "First draft");
  await ann.page.setViewportSize({ width: 390, height: 780 });
  const then = dialog.getByRole("region", { name: "The book as it was" });
  await ann.seesNoMore(then, "the chapters");
  await points(dialog).first().click();
  await ann.sees(then.getByRole("button", { name: "Dawn" }), "the chapters");
  await ann.screenshot("points-narrow");
  assert.equal(await ann.page.evaluate(() => document.activeElement?.textContent?.trim()), "All points");
  await dialog.getByRole("button", { name: "All points" }).click();
  await ann.sees(points(dialog).first(), "the points");
});

story("a viewer has no history of the book", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const anns = await opensMenu(ann);
  await ann.sees(anns.getByRole("menuitem", { name: "History of the book" }), "the owner's entry");
  const bens = await opensMenu(ben);
  await ben.sees(bens.getByRole("menuitem", { name: "Preview" }), "what a viewer may");
  assert.equal(await bens.getByRole("menuitem", { name: "History of the book" }).count(), 0);
});
