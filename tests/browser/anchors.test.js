// Comments are about words: their marks move with them as somebody types, and go when they are gone.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function margin(person) {
  return person.page.getByRole("complementary", { name: "Comments" });
}

/** What is marked in the text, with what stands before it. */
function marked(person) {
  return person.page.evaluate(() => {
    const root = document.querySelector(".prose .ProseMirror");
    const ranges = ["comment", "comment-active"].flatMap((name) => [...(CSS.highlights.get(name) ?? [])]);
    return ranges.map((range) => {
      const before = document.createRange();
      before.setStart(root, 0);
      before.setEnd(range.startContainer, range.startOffset);
      return `${before.toString()}[${range.toString()}]`;
    });
  });
}

/** Waits until exactly this is marked. */
async function marks(person, expected) {
  let last;
  for (const end = Date.now() + 2 * PROMISED_MS; Date.now() < end; await person.page.waitForTimeout(25)) {
    last = await marked(person);
    if (JSON.stringify(last) === JSON.stringify(expected)) return;
  }
  assert.deepEqual(last, expected, `what ${person.name} sees marked`);
}

/** Selects words that are within one paragraph, as the mouse does. */
function selects(person, words) {
  return person.page.evaluate((words) => {
    const walker = document.createTreeWalker(document.querySelector(".prose .ProseMirror"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const start = node.nodeValue.indexOf(words);
      if (start < 0) continue;
      document.getSelection().setBaseAndExtent(node, start, node, start + words.length);
      return;
    }
    throw new Error(`"${words}" is nowhere`);
  }, words);
}

async function comments(person, words, body) {
  await selects(person, words);
  await person.page.locator(".selection-button").click();
  await margin(person).getByLabel("Your comment").fill(body);
  await margin(person).getByRole("button", { name: "Comment", exact: true }).click();
  await person.sees(margin(person).locator(".thread").getByText(body), "the comment");
}

story("the mark of a comment moves with its words as somebody types, goes with them, and comes back", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const { keyboard } = ann.page;
  const gone = (person) => margin(person).getByRole("region", { name: "No longer in the text" });
  await ann.writes("Dawn");
  await editor(ann).click();
  await keyboard.type("Call me Ishmael. Some years ago, Ishmael.");
  await ben.views("Dawn");
  await ben.sees(ben.page.getByText("Call me Ishmael."), "what Ann wrote");
  await comments(ben, "me Ishmael", "Who?");
  await marks(ben, ["Call [me Ishmael]"]);

  await keyboard.press("Control+Home");
  await keyboard.type("Well. ");
  await marks(ben, ["Well. Call [me Ishmael]"]);
  await ann.sees(margin(ann).getByText("Who?"), "Ben's comment");
  await marks(ann, ["Well. Call [me Ishmael]"]);
  await selects(ann, "Ishmael");
  await keyboard.press("ArrowLeft");
  await keyboard.type("dear ");
  await marks(ben, ["Well. Call [me dear Ishmael]"]);
  await ben.screenshot("comment-moved");

  await selects(ann, "me dear Ishmael");
  await keyboard.press("Delete");
  await marks(ben, []);
  for (const person of [ann, ben]) {
    await person.sees(gone(person).getByText("The words this was about are gone"), "that the words are gone", PROMISED_MS);
    assert.equal(await gone(person).locator(".quote-words").innerText(), "me Ishmael");
  }
  await ben.screenshot("comment-detached");
  await keyboard.type("me Ishmael");
  await marks(ben, ["Well. Call [me Ishmael]"]);
  await ben.seesNoMore(gone(ben), "that they are gone");
});

story("words that are deleted come back by undoing, and stay gone where others stand instead", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const gone = margin(ben).getByRole("region", { name: "No longer in the text" });
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("Call me Ishmael.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await ben.views("Dawn");
  await ben.sees(ben.page.getByText("Call me Ishmael."), "what Ann wrote");
  await comments(ben, "me Ishmael", "Who?");
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  await ann.writes("Dawn");
  await selects(ann, "me Ishmael");
  await ann.page.keyboard.press("Delete");
  await ben.sees(gone.getByText("Who?"), "the comment without its words");
  await ann.page.keyboard.press("Control+z");
  for (const person of [ann, ben]) await marks(person, ["Call [me Ishmael]"]);
  await selects(ann, "me Ishmael");
  await ann.page.keyboard.type("him Ahab");
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ben.sees(gone.getByText("Who?"), "the comment without its words");
  await ben.page.reload();
  await ben.views("Dawn");
  await ben.sees(gone.getByText("Who?"), "the comment without its words, after a reload");
});
