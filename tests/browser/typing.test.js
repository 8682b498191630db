// Writing a chapter, and watching it as it is written.
import assert from "node:assert/strict";
import { blocks, PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function watched(person) {
  return person.page.locator(".prose .ProseMirror");
}

story("whoever presses Write types at once, where the page is being read", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ben.views("Dawn");
  await ann.views("Dawn");
  assert.equal(await editor(ann).count(), 0, "a text that is only read is no text box");
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  await ann.sees(ann.page.locator(".ProseMirror:focus"), "the cursor in the editor");
  await ann.page.keyboard.type("Bright and cold.");
  await ben.sees(watched(ben).getByText("Bright and cold."), "what Ann types", PROMISED_MS);
});

story("whoever presses Write in the middle of a long text types there", async (town) => {
  const ann = await town.person("Ann");
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 1");
  const middle = watched(ann).getByText("Mr. Bennet was so odd a mixture");
  await ann.sees(middle, "a long text");
  const editing = ann.page.getByRole("textbox", { name: "Chapter 1" });
  await middle.evaluate((block) => block.scrollIntoView({ block: "center", behavior: "instant" }));
  const top = (block) => block.evaluate((element) => element.getBoundingClientRect().top);
  const bars = () => ann.page.locator(".page-bars").evaluate((element) => element.getBoundingClientRect());
  // The tools come and go above it; nothing else moves.
  const tools = 100;
  const stands = (before, now) => assert.ok(Math.abs(before - now) < tools, `the page stands still: ${before}, ${now}`);
  const read = await top(middle);
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  await ann.sees(ann.page.locator(".ProseMirror:focus"), "the cursor in the editor");
  await ann.sees(ann.page.getByRole("toolbar"), "the tools");
  await ann.screenshot("writing-in-the-middle");
  stands(read, await top(middle));
  await ann.page.keyboard.type("Here. ");
  const typed = editing.locator("p", { hasText: "Here." });
  await ann.sees(typed, "the words");
  const place = (await top(typed)) - (await bars()).bottom;
  assert.ok(place > -40 && place < tools, `the words stand where the page was being read: ${place}`);
  const written = await top(middle);
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByRole("button", { name: "Write" }), "that it is free");
  stands(written, await top(middle));
});

story("what one person types the other sees as it is typed, and it is there after a reload", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("It was a bright cold day.");
  await ben.sees(watched(ben).getByText("It was a bright cold day."), "what Ann types", PROMISED_MS);
  await ann.page.keyboard.press("Enter");
  await ann.page.keyboard.type("The clocks were ");
  await ann.page.keyboard.press("Control+b");
  await ann.page.keyboard.type("striking");
  await ann.page.keyboard.press("Control+b");
  await ann.page.keyboard.type(" thirteen.");
  await ben.sees(watched(ben).locator("strong", { hasText: "striking" }), "what is bold", PROMISED_MS);
  await ann.page.keyboard.press("Control+z");
  await ann.page.keyboard.type(" twelve.");
  await ben.sees(watched(ben).getByText("twelve."), "what Ann made of it", PROMISED_MS);
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved", PROMISED_MS);
  await ben.screenshot("watching");
  await ann.screenshot("typing");
  const written = await blocks(ann);
  assert.deepEqual(await blocks(ben), written);
  assert.equal(await watched(ben).getAttribute("contenteditable"), "false");
  await ben.page.reload();
  await ben.views("Dawn");
  await ben.sees(watched(ben).getByText("twelve."), "the text after a reload");
  assert.deepEqual(await blocks(ben), written);
});

story("a chapter passes on with its text, and what is typed in a hurry is stored before it is released", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "author" });
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("First Ann, with many words in one breath.");
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  await ben.writes("Dawn");
  await ben.sees(editor(ben).getByText("many words in one breath."), "all of Ann's words");
  await editor(ben).click();
  await ben.page.keyboard.press("Control+End");
  await ben.page.keyboard.type(" Then Ben.");
  await ann.sees(watched(ann).getByText("in one breath. Then Ben."), "Ben's words behind hers", PROMISED_MS);
});

story("an imported chapter is read, and goes on when somebody writes in it", async (town) => {
  const ann = await town.person("Ann");
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 1");
  await ann.sees(watched(ann).getByText("single man in possession"), "the imported text");
  const title = watched(ann).locator("h2", { hasText: "Chapter 1" });
  assert.match(await title.getAttribute("class"), /sr-only/, "the page shows the title already");
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  const typing = ann.page.getByRole("textbox", { name: "Chapter 1" });
  await ann.sees(typing.getByText("single man in possession"), "the text in the editor");
  await typing.press("Control+End");
  await ann.page.keyboard.type(" So it is.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  const reader = await ann.anotherTab();
  await reader.openBook("Pride and Prejudice");
  await reader.views("Chapter 1");
  await reader.sees(watched(reader).getByText("So it is."), "the new words in another tab");
  await reader.sees(watched(reader).getByText("single man in possession"), "the old ones too");
});

story("whoever watches sees where the holder is and what is selected, until the holder goes", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const caret = watched(ben).locator(".caret[data-name='Ann Lee']");
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("A bright cold day.");
  await ben.sees(caret, "Ann's caret", PROMISED_MS);
  await ann.page.keyboard.press("Control+Shift+ArrowLeft");
  await ben.sees(watched(ben).locator(".caret-selection"), "what Ann has selected", PROMISED_MS);
  await ben.screenshot("caret");
  const shown = await caret.evaluate((element) => getComputedStyle(element, "::after").backgroundColor);
  const avatar = ben.holder("Dawn");
  assert.equal(shown, await avatar.evaluate((element) => getComputedStyle(element).backgroundColor), "one colour for one person");
  assert.equal(await watched(ben).locator("p").first().textContent(), "A bright cold day.");
  assert.equal(await watched(ann).locator(".caret").count(), 0);
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ben.seesNoMore(watched(ben).locator(".caret, .caret-selection"), "Ann's caret");
});

story("a caret in a footnote shows at its number, and one whose tab is gone shows no more", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const caret = watched(ben).locator(".caret");
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("A bright cold day");
  await ann.page.keyboard.press("Control+Alt+f");
  await ann.page.locator("[aria-label='Text of the footnote']:focus").waitFor();
  await ann.page.keyboard.type("In April.");
  await ben.sees(watched(ben).locator(".footnote-mark + .caret"), "Ann's caret behind the footnote's number", PROMISED_MS);
  await ben.screenshot("caret-in-footnote");
  await ann.page.close();
  await ben.seesNoMore(caret, "Ann's caret");
});
