// What is looked up about the library as a whole: its audit log, the report on its books, and its analytics.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { story } from "./harness/story.js";

async function brings(person, title) {
  await person.createBook(title, ["Dawn"]);
  await person.adds("Dawn", "It was a bright cold day in April.");
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: "Bring into the library" }).click();
  await person.sees(person.toasts.getByText("is in the library"), "that it is there");
}

async function shares(ann, ben, permissions) {
  await ann.page.getByRole("link", { name: "Users" }).click();
  await ann.page.getByRole("button", { name: "Share the library" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Share the library" });
  await dialog.getByLabel("E-mail addresses").fill(ben.email);
  for (const permission of permissions) await ann.page.locator(`[data-permission="${permission}"]`).getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await ann.sees(dialog.getByText("is asked to join"), "that he is asked");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await ben.page.locator(".invitation", { hasText: "asks you to join the library" }).getByRole("button", { name: "Join" }).click();
  await ann.sees(ann.page.locator(`[data-user="${ben.email}"]`).getByText("Joined"), "that he joined");
}

async function opens(person, button, title) {
  await person.page.getByRole("button", { name: button, exact: true }).click();
  const dialog = person.page.getByRole("dialog", { name: title });
  await person.sees(dialog, title);
  return dialog;
}

async function closes(person, dialog) {
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await person.seesNoMore(dialog, "the dialog");
}

async function downloads(person, dialog, name) {
  const [file] = await Promise.all([person.page.waitForEvent("download"), dialog.getByRole("button", { name }).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** Nothing sticks out of the page, and no words of a drawing out of it. */
async function fits(person, dialog) {
  const wide = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
  assert.ok(wide <= 0, "the dialog is no wider than what shows it");
  const outside = await dialog.locator(".plot svg").evaluateAll((drawings) =>
    drawings.flatMap((drawing) => {
      const frame = drawing.getBoundingClientRect();
      const words = [...drawing.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
      return words.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1).map(([text]) => text);
    }),
  );
  assert.deepEqual(outside, [], "all words of a drawing are in it");
  const days = await dialog.locator(".plot svg").first().evaluate((drawing) => {
    const boxes = [...drawing.querySelectorAll(".plot-day")].map((text) => text.getBoundingClientRect());
    return boxes.every((box, index) => index === 0 || boxes[index - 1].right <= box.left);
  });
  assert.ok(days, "days do not run into each other");
}

story("who manages the library reads what happened to it, narrows that, and takes it away", async (town) => {
  const [ann, ben] = [await town.person("Ann"), await town.person("Ben")];
  await brings(ann, "Walden");
  await ann.page.goto(`${ann.page.url().split("#")[0]}#/`);
  await shares(ann, ben, ["list", "settings"]);
  const dialog = await opens(ann, "Audit log", "Audit log");
  const rows = dialog.locator(".activity-row");
  await ann.sees(rows.filter({ hasText: "brought “Walden” into the library" }), "that a book came in");
  await ann.sees(rows.filter({ hasText: `gave ${ben.email}` }).filter({ hasText: "Manage settings" }), "what Ben was given");
  assert.match(await rows.first().innerText(), /Ben Lee joined the library/, "the newest comes first");
  await ann.screenshot("library-log");
  await dialog.getByLabel("What").selectOption({ label: "Books" });
  await ann.seesNoMore(rows.filter({ hasText: "joined the library" }), "what is about no book");
  await ann.sees(rows.filter({ hasText: "Walden" }), "the book");
  const table = await downloads(ann, dialog, "Download as CSV");
  assert.match(table.name, /^Library - audit log\.csv$/);
  assert.match(table.text, /^seq,at,who,who_name,system,what,address,/);
  await closes(ann, dialog);
});

story("reports name people, analytics do not, and each is for whoever may see it", async (town) => {
  const [ann, dora] = [await town.person("Ann"), await town.person("Dora")];
  await brings(ann, "Typee");
  await ann.page.goto(`${ann.page.url().split("#")[0]}#/`);
  const report = await opens(ann, "Report", "Report on the library");
  await ann.sees(report.getByRole("row", { name: /^Ann Lee/ }), "who worked");
  await ann.sees(report.getByRole("row", { name: /^Typee 1/ }), "on what");
  for (const title of ["Words written", "Time held"]) await ann.sees(report.getByRole("img", { name: title }), title);
  await fits(ann, report);
  await ann.screenshot("library-report");
  const table = await downloads(ann, report, "Download as CSV");
  assert.match(table.text, /^book,book_title,day,user,name,/);
  assert.match(table.text, /,Typee,/);
  await closes(ann, report);

  await shares(ann, dora, ["list", "analytics"]);
  await dora.sees(dora.page.getByRole("button", { name: "Analytics" }), "that there are analytics");
  assert.equal(await dora.page.getByRole("button", { name: "Report", exact: true }).count(), 0, "reports are not for him");
  const analytics = await opens(dora, "Analytics", "Analytics");
  await dora.sees(analytics.getByText("1 person worked in them"), "how many worked");
  for (const title of ["People at work", "Words written", "Comments"]) await dora.sees(analytics.getByRole("img", { name: title }), title);
  await dora.sees(analytics.getByRole("row", { name: "Draft 2" }), "how far the books are");
  assert.ok(!(await analytics.innerText()).includes("Ann"), "nobody is named");
  await fits(dora, analytics);
  await dora.screenshot("library-analytics");
  await dora.turnsDark();
  await dora.screenshot("library-analytics-dark");
  await dora.page.setViewportSize({ width: 390, height: 800 });
  await fits(dora, analytics);
  await dora.screenshot("library-analytics-narrow");
});
