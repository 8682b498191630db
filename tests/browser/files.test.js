// A book as a file, and as it will be read.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { story } from "./harness/story.js";

async function opensMenu(person) {
  await person.page.getByRole("button", { name: "This book" }).click();
  return person.page.getByRole("menu");
}

story("what is written is previewed by everybody and taken away by those who work on it", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo({ role: "viewer" });
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  await ann.page.keyboard.type("It was a <bright> cold day.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await (await opensMenu(ben)).getByRole("menuitem", { name: "Preview" }).click();
  const preview = ben.page.getByRole("dialog", { name: "Preview" });
  await ben.sees(preview.getByText("It was a <bright> cold day."), "the text");
  for (const chapter of ["Dawn", "Noon", "Dusk"]) {
    await ben.sees(preview.getByRole("heading", { name: chapter }), `the chapter ${chapter}`);
  }
  await ben.screenshot("preview");
  await preview.getByRole("button", { name: "Close", exact: true }).click();
  assert.equal(await (await opensMenu(ben)).getByRole("menuitem", { name: "Download" }).count(), 0);
  await (await opensMenu(ann)).getByRole("menuitem", { name: "Download" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Download the book" });
  await ann.screenshot("download");
  for (const [button, end, begins] of [[/^EPUB/, "epub", "PK"], [/^Word/, "docx", "PK"], [/^Markdown/, "md", "# "]]) {
    const [download] = await Promise.all([
      ann.page.waitForEvent("download"),
      dialog.getByRole("button", { name: button }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `${title}.${end}`);
    const file = await readFile(await download.path());
    assert.equal(file.subarray(0, 2).toString(), begins);
    if (end === "md") assert.match(file.toString(), /bright/);
  }
});

story("a file becomes a book of whoever brings it in, and what is lost on the way is said", async (town) => {
  const ann = await town.person("Ann");
  await ann.page.getByRole("button", { name: "Bring a book in" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Bring a book in" });
  const text = "---\ntitle: The Whale\n---\n\n# Loomings\n\nCall me *Ishmael*. ![a whale](w.png)\n\n# The Carpet-Bag\n\nI stuffed a shirt.\n";
  await dialog.getByLabel("EPUB, Word").setInputFiles({ name: "whale.md", mimeType: "text/markdown", buffer: Buffer.from(text) });
  await dialog.getByRole("button", { name: "Bring it in" }).click();
  const report = ann.page.getByRole("dialog", { name: "Your book is here" });
  await ann.sees(report.getByText("image"), "what was lost");
  await ann.screenshot("brought-in");
  await report.getByRole("button", { name: "Open the book" }).click();
  await ann.views("Loomings");
  await ann.sees(ann.page.locator(".prose em", { hasText: "Ishmael" }), "the text");
  await ann.sees(ann.row("The Carpet-Bag"), "the next chapter");
  assert.match(await ann.page.title(), /The Whale/);
});
