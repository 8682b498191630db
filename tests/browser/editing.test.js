// What the editor of a chapter can do, and that others see it.
import assert from "node:assert/strict";
import { story } from "./harness/story.js";

/** Whoever types at once would type before the field is there. */
async function beginsFootnote(person) {
  await person.page.keyboard.press("Control+Alt+f");
  await person.page.locator("[aria-label='Text of the footnote']:focus").waitFor();
}

story("the editor is loaded with the first text that is shown, not before", async (town) => {
  const ann = await town.person("Ann");
  const loaded = () => ann.page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\/document-[^/]*\.js$/.test(name)).length);
  await ann.openBook("Pride and Prejudice");
  assert.equal(await loaded(), 0, "a book's list of chapters needs no editor");
  await ann.views("Chapter 2");
  await ann.sees(ann.page.getByText("Mr. Bennet was among the earliest"), "the imported text");
  assert.equal(await loaded(), 1);
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  await ann.sees(ann.page.getByRole("textbox", { name: "Chapter 2" }).getByText("Mr. Bennet was among the earliest"), "the text in the editor");
  assert.equal(await loaded(), 1);
});

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function shown(person) {
  return person.page.locator(".prose .ProseMirror");
}

function tool(person, name) {
  return person.page.getByRole("toolbar", { name: "Format" }).getByRole("button", { name, exact: true });
}

/** What a text says and how, without what only one of the two editors needs to draw it. */
function structure(person) {
  return shown(person).evaluate((root) => {
    const spoken = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.nodeValue;
      if (node.matches(".ProseMirror-trailingBreak, .ProseMirror-separator, .caret")) return "";
      const inner = () => [...node.childNodes].map(spoken).join("");
      // Drawn around a stretch of the text; at a footnote's number it is a class of the number itself.
      if (node.matches(".caret-selection:not(.footnote-mark)")) return inner();
      const kept = ["href", "colspan", "rowspan", "data-number", "align"].filter((name) => node.getAttribute(name));
      const attributes = kept.map((name) => ` ${name}=${node.getAttribute(name)}`).join("");
      return `<${node.localName}${attributes}>${inner()}</${node.localName}>`;
    };
    return [...root.childNodes].map(spoken).join("\n");
  });
}

async function writesOneOfEach(ann) {
  const { keyboard } = ann.page;
  await editor(ann).click();
  for (const level of [1, 2, 3]) {
    await tool(ann, `Heading ${level}`).click();
    await keyboard.type(`Heading ${level}`);
    await keyboard.press("Enter");
  }
  await tool(ann, "Align right").click();
  for (const name of ["Bold", "Italic", "Underline", "Strike through", "Small caps", "Superscript", "Subscript"]) {
    await tool(ann, name).click();
    await keyboard.type(name);
    await tool(ann, name).click();
    await keyboard.type(" ");
  }
  await keyboard.press("Enter");
  await tool(ann, "Align left").click();
  await keyboard.type("A word");
  await keyboard.press("Control+Shift+ArrowLeft");
  await tool(ann, "Link…").click();
  await ann.page.getByLabel("Address").fill("example.org/page");
  await ann.page.getByRole("button", { name: "Link", exact: true }).click();
  await keyboard.press("ArrowRight");
  await keyboard.type(" and more.");
  await tool(ann, "Footnote").click();
  await keyboard.type("Said ");
  await keyboard.press("Control+i");
  await keyboard.type("below.");
  await keyboard.press("Enter");
  await keyboard.press("Enter");
  for (const name of ["Bullet list", "Numbered list", "Quote"]) {
    await tool(ann, name).click();
    await keyboard.type(name);
    await keyboard.press("Enter");
    await keyboard.press("Enter");
  }
  await tool(ann, "Scene break").click();
  await keyboard.type("Another scene.");
  await keyboard.press("Enter");
  await tool(ann, "Table").click();
  await keyboard.type("One");
  await keyboard.press("Tab");
  await keyboard.type("Two");
}

const ONE_OF_EACH = [
  "h1", "h2", "h3", "p[align='right'] strong", "em", "u", "s", ".small-caps", "p > sup", "sub",
  "a[href='https://example.org/page']", ".footnote-mark[data-number='1']", "ul > li", "ol > li", "blockquote > p",
  "hr.scene-break", "tr:nth-child(1) > th:nth-child(3)", "tr:nth-child(3) > td:nth-child(3)",
];

async function seesOneOfEach(person) {
  for (const selector of ONE_OF_EACH) await person.sees(shown(person).locator(selector), selector);
  const notes = person.page.getByRole("region", { name: "Footnotes" });
  await person.sees(notes.locator("em", { hasText: "below." }), "the footnote at the foot of the chapter");
}

story("one of each that the toolbar makes is stored, and somebody who watches sees it", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await writesOneOfEach(ann);
  await seesOneOfEach(ann);
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await seesOneOfEach(ben);
  assert.equal(await structure(ben), await structure(ann));
  await ann.screenshot("one-of-each");
  await ben.page.reload();
  await ben.views("Dawn");
  await seesOneOfEach(ben);
  assert.equal(await structure(ben), await structure(ann), "after a reload");
});

story("the toolbar is one stop for Tab, says what is on, and lists its keys", async (town) => {
  const { ann } = await town.bookOfTwo();
  const { keyboard } = ann.page;
  const focused = () => ann.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await ann.writes("Dawn");
  await editor(ann).click();
  await keyboard.press("Control+b");
  assert.equal(await tool(ann, "Bold").getAttribute("aria-pressed"), "true");
  assert.equal(await tool(ann, "Italic").getAttribute("aria-pressed"), "false");
  assert.equal(await tool(ann, "Bold").getAttribute("title"), "Bold (Ctrl+B)");
  await keyboard.type("Bold");
  await keyboard.press("Shift+Tab");
  assert.equal(await focused(), "Undo");
  await keyboard.press("End");
  assert.equal(await focused(), "Keyboard shortcuts");
  await keyboard.press("ArrowRight");
  assert.equal(await focused(), "Undo");
  await keyboard.press("ArrowRight");
  assert.equal(await tool(ann, "Redo").getAttribute("aria-disabled"), "true");
  await keyboard.press("Escape");
  await keyboard.type(" words");
  await ann.sees(shown(ann).locator("strong", { hasText: "Bold words" }), "that the text has the focus again");
  await keyboard.press("Control+/");
  const dialog = ann.page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await ann.sees(dialog.getByText("Ctrl+Alt+F"), "the key of footnotes");
  await ann.screenshot("shortcuts");
});

story("a link leads to the web or to somebody, and nowhere else", async (town) => {
  const { ann } = await town.bookOfTwo();
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("here");
  await ann.page.keyboard.press("Control+a");
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByLabel("Address").fill("javascript:alert(1)");
  await ann.page.keyboard.press("Enter");
  await ann.sees(ann.page.getByRole("alert").getByText("https://"), "what a link may be");
  await ann.page.getByLabel("Address").fill("ann@example.org");
  await ann.page.keyboard.press("Enter");
  await ann.sees(shown(ann).locator("a[href='mailto:ann@example.org']", { hasText: "here" }), "the link");
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByRole("button", { name: "Remove the link" }).click();
  await ann.seesNoMore(shown(ann).locator("a"), "the link");
});

story("undoing takes back one's own words, not those of whoever wrote before", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("From Ann.");
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  await ben.writes("Dawn");
  await ben.sees(editor(ben).getByText("From Ann."), "Ann's words");
  assert.equal(await tool(ben, "Undo").getAttribute("aria-disabled"), "true");
  await editor(ben).click();
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.type(" From Ben.");
  await ben.page.keyboard.press("Control+z");
  await ben.page.keyboard.press("Control+z");
  await ann.seesNoMore(shown(ann).getByText("From Ben."), "Ben's words");
  assert.equal(await shown(ben).innerText(), "From Ann.");
  await ben.page.keyboard.press("Control+Shift+z");
  await ann.sees(shown(ann).getByText("From Ann. From Ben."), "Ben's words again");
});

story("footnotes are numbered as they stand, and edited and undone in their own place", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  const { keyboard } = ann.page;
  const notes = (person) => person.page.getByRole("region", { name: "Footnotes" }).locator(".footnote-words");
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await keyboard.type("One two");
  await beginsFootnote(ann);
  await keyboard.type("Behind.");
  await keyboard.press("Enter");
  for (let left = 0; left < 5; left += 1) await keyboard.press("ArrowLeft");
  await beginsFootnote(ann);
  await keyboard.type("Before.");
  await ann.screenshot("footnote");
  await ben.sees(notes(ben).getByText("Before."), "the second footnote as it is typed");
  assert.deepEqual(await notes(ben).allInnerTexts(), ["Before.", "Behind."]);
  await keyboard.press("Escape");
  await shown(ann).locator(".footnote-mark[data-number='2']").click();
  const popover = ann.page.getByRole("dialog", { name: "Footnote 2" });
  await ann.sees(popover, "the text of the second");
  await keyboard.type(" And more.");
  await ben.sees(notes(ben).getByText("Behind. And more."), "what is typed into it");
  await keyboard.press("Control+z");
  await ben.seesNoMore(notes(ben).getByText("And more."), "what was undone");
  await ann.sees(popover, "that it is open still");
  await keyboard.press("Escape");
  await ann.seesNoMore(popover, "the footnote's editor");
  await shown(ben).locator(".footnote-mark[data-number='1']").focus();
  await ben.page.keyboard.press("Enter");
  assert.equal(await ben.page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "To footnote 1 in the text");
});
