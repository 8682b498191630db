// What the editor of a chapter can do, and that others see it.
import assert from "node:assert/strict";
import { story } from "./harness/story.js";

story("the editor is loaded when a chapter is written, not before", async (town) => {
  const ann = await town.person("Ann");
  const loaded = () => ann.page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\/document-[^/]*\.js$/.test(name)).length);
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 2");
  await ann.sees(ann.page.getByText("Mr. Bennet was among the earliest"), "the imported text");
  assert.equal(await loaded(), 0, "reading needs no editor");
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  await ann.sees(ann.page.getByRole("textbox", { name: "Chapter 2" }).getByText("Mr. Bennet was among the earliest"), "the text in the editor");
  assert.equal(await loaded(), 1);
});
