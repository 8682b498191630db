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
  await ann.sees(dialog.getByRole("button", { name: /^PDF/ }), "that there are PDFs");
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

  // What was brought in is the first version: it is compared with, and comes back.
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  const typing = ann.page.getByRole("textbox", { name: "Loomings" });
  await typing.press("Control+End");
  await ann.page.keyboard.type(" Some years ago.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const history = ann.page.getByRole("dialog", { name: "History of “Loomings”" });
  const first = history.getByRole("region", { name: "Versions" }).locator(".version-row").filter({ hasText: "The file · As it was brought in" });
  await ann.sees(first, "what was brought in");
  await first.click();
  await history.getByRole("button", { name: "Compare" }).click();
  await history.getByLabel("Compare with").selectOption({ label: "The text as it is" });
  const changed = history.getByRole("region", { name: "What changed" });
  await ann.sees(changed.locator("ins", { hasText: "Some years ago." }), "what came since");
  await ann.screenshot("imported-compare");
});

story("whoever brings a file in sees how far that is, and stops it by closing the dialog", async (town) => {
  const ann = await town.person("Ann");
  const lines = [];
  // The hub is faster than anybody looks: it is held up after each thing it says.
  await ann.page.exposeFunction("heard", (line) => void lines.push(line));
  await ann.page.evaluate(() => {
    const read = ReadableStreamDefaultReader.prototype.read;
    let go = () => {};
    window.goOn = () => go();
    ReadableStreamDefaultReader.prototype.read = async function () {
      const result = await read.call(this);
      if (result.value) await window.heard(String(result.value));
      await new Promise((done) => (go = done));
      return result;
    };
  });
  await ann.page.getByRole("button", { name: "Bring a book in" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Bring a book in" });
  const buffer = Buffer.from(Array.from({ length: 200 }, (_, at) => `# Chapter ${at}\n\nText ${at}.\n`).join("\n"));
  await dialog.getByLabel("EPUB, Word").setInputFiles({ name: "long.md", mimeType: "text/markdown", buffer });
  await dialog.getByRole("button", { name: "Bring it in" }).click();
  const bar = dialog.getByRole("progressbar");
  await ann.sees(bar, "that something is done");
  const goesOn = () => ann.page.evaluate(() => window.goOn());
  const until = Date.now() + 20_000;
  while (!lines.some((line) => line.includes('"chapters"')) || (await bar.getAttribute("max")) !== "200") {
    assert.ok(Date.now() < until, `the page is told of chapters: ${lines.join("")}`);
    await goesOn();
  }
  await ann.sees(dialog.getByText("The chapters are being made…"), "what is done");
  await ann.screenshot("bringing-in");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await ann.seesNoMore(dialog, "the dialog");
  await goesOn();
  await ann.sees(ann.page.getByRole("heading", { name: "Your books" }), "the library");
});

story("what a book looks like is set beside the book, at once and for everybody", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  await ann.page.keyboard.type("It was a bright cold day in April, and the clocks were striking thirteen.");
  await ann.page.keyboard.press("Enter");
  await ann.page.keyboard.type("The hallway smelt of boiled cabbage and old rag mats.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  assert.equal(await (await opensMenu(ben)).getByRole("menuitem", { name: "Formatting" }).count(), 0);
  await ben.page.getByRole("menuitem", { name: "Preview" }).click();
  const preview = ben.page.getByRole("dialog", { name: "Preview" });
  await ben.sees(preview.getByText("It was a bright cold day"), "the text");
  await (await opensMenu(ann)).getByRole("menuitem", { name: "Formatting" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Formatting" });
  await ann.sees(dialog.getByText("It was a bright cold day"), "the book beside its settings");
  await ann.screenshot("formatting-before");
  const sheet = (person) => person.page.locator(".sheet");
  const style = (person, name) => sheet(person).evaluate((element, name) => getComputedStyle(element)[name], name);
  assert.equal(await style(ann, "textAlign"), "justify");
  await dialog.getByLabel("Chapter numbers").selectOption("roman");
  await dialog.getByLabel("Font", { exact: true }).selectOption("typewriter");
  await dialog.getByLabel("Page size").selectOption("five_by_eight");
  await dialog.getByLabel("Paragraphs").selectOption("spaced");
  await dialog.getByLabel("Even right edge").uncheck();
  await dialog.getByLabel("Font size (pt)").fill("13.5");
  await dialog.getByLabel("Font size (pt)").press("Tab");
  for (const person of [ann, ben]) {
    await person.sees(sheet(person).locator(".printed-chapter .printed-number", { hasText: "I" }).first(), "a number that the hub printed");
    assert.match(await style(person, "fontFamily"), /Courier/);
    assert.equal(await style(person, "fontSize"), "18px");
    assert.equal(await style(person, "textAlign"), "start");
  }
  await ann.screenshot("formatting-after");
  await ben.screenshot("preview-formatted");
  await dialog.getByLabel("Font size (pt)").fill("99");
  await dialog.getByLabel("Font size (pt)").press("Tab");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await (await opensMenu(ann)).getByRole("menuitem", { name: "Formatting" }).click();
  assert.equal(await dialog.getByLabel("Font size (pt)").inputValue(), "13.5", "what cannot be is not kept");
});
