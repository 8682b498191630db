// Who worked on a book: drawn, in numbers, and taken away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { story } from "./harness/story.js";

async function opensReport(person) {
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: "Report" }).click();
  const dialog = person.page.getByRole("dialog", { name: "Report" });
  await person.sees(dialog, "the report");
  return dialog;
}

/** The report asks the hub anew until it has what is kept a moment after a hold. */
async function opensUntil(person, row, words) {
  for (let time = 0; ; time += 1) {
    const dialog = await opensReport(person);
    const line = dialog.getByRole("row", { name: row });
    await person.sees(line, `the line of ${row}`);
    if ((await line.innerText()).includes(words) || time === 20) return { dialog, line };
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    await person.seesNoMore(dialog, "the report");
  }
}

/** What the drawing is drawn in. */
function colours(dialog) {
  return dialog.locator(".plot").first().evaluate((plot) => {
    const fill = (selector) => getComputedStyle(plot.querySelector(selector)).fill;
    return { bar: fill("rect"), words: fill("text") };
  });
}

async function downloads(person, dialog, name) {
  const [file] = await Promise.all([person.page.waitForEvent("download"), dialog.getByRole("button", { name }).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

story("the owner sees who wrote how much, and takes the numbers away", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.adds("Dawn", "It was a bright cold day in April.");
  await ann.adds("Noon", "They had lunch.");
  const { dialog, line } = await opensUntil(ann, /^Ben Lee/, "+8");
  const told = (await line.innerText()).split("\t").map((cell) => cell.trim());
  assert.deepEqual([told[0], told[1], told[3], told[4]], ["Ben Lee", "+8 −0", "1", "1"]);
  for (const title of ["Words written", "Time held"]) {
    const plot = dialog.getByRole("img", { name: title });
    await ann.sees(plot, title);
    assert.equal(await plot.locator("rect").count(), 1, "one day on which something was done");
  }
  await ann.sees(dialog.getByRole("row", { name: /^Given back 2$/ }), "how holds ended");
  await ann.screenshot("report");
  const light = await colours(dialog);
  await ann.turnsDark();
  const dark = await colours(dialog);
  assert.ok(dark.bar !== light.bar && dark.words !== light.words, "the drawing follows the theme");
  await ann.screenshot("report-dark");
  // The same numbers as in the drawing.
  const words = dialog.locator("figure", { hasText: "Words written" });
  await words.locator("summary").click();
  const today = new Date().toISOString().slice(0, 10);
  await ann.sees(words.getByRole("row", { name: `${today} 11` }), "the words of today");

  const table = await downloads(ann, dialog, "Download as CSV");
  assert.match(table.name, /^Almanac \d+ - report [\d-]+ to [\d-]+\.csv$/);
  assert.match(table.text, /^day,user,name,tabs,holds,held_ms,released_released,/);
  assert.equal(table.text.trim().split("\r\n").length, 3, "two people on one day");
  const file = JSON.parse((await downloads(ann, dialog, "Download as JSON")).text);
  assert.equal(file.rows.reduce((sum, row) => sum + row.words_added, 0), 11);

  await dialog.getByRole("button", { name: "7 days" }).click();
  await ann.sees(dialog.getByRole("button", { name: "7 days", pressed: true }), "the chosen period");
  await ann.sees(line, "the same people");
  await dialog.getByLabel("From", { exact: true }).fill("2020-01-01");
  await ann.sees(dialog.getByText("A period has 1 to 366 days."), "that it is too long");
  await dialog.getByLabel("To", { exact: true }).fill("2020-02-01");
  await ann.sees(dialog.getByText("Nobody did anything in these days."), "that nothing was done then");

  await ben.page.getByRole("button", { name: "This book" }).click();
  await ben.sees(ben.page.getByRole("menuitem", { name: "About this book" }), "the menu");
  assert.equal(await ben.page.getByRole("menuitem", { name: "Report" }).count(), 0, "others have no report");
});
