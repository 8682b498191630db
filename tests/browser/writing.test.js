// What is said in the margin, and how a book is put in order.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function margin(person) {
  return person.page.getByRole("complementary", { name: "Comments" });
}

story("a comment on a chapter that somebody else holds arrives, is answered and resolved", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ann.writes("Dawn");
  await ben.views("Dawn");
  await margin(ben).getByRole("button", { name: "On the chapter" }).click();
  await margin(ben).getByLabel("Your comment").pressSequentially("Lovely, @An");
  await ben.sees(ben.page.getByRole("option", { name: "Ann Lee" }), "Ann among the names");
  await ben.page.keyboard.press("Enter");
  await ben.page.keyboard.type("does it end?");
  await margin(ben).getByRole("button", { name: "Comment", exact: true }).click();

  const thread = margin(ann).locator(".thread", { hasText: "Lovely, @Ann Lee does it end?" });
  await ann.sees(thread, "Ben's comment", PROMISED_MS);
  await ann.sees(thread.locator(".mention.me"), "that Ben means her");
  await thread.getByRole("button", { name: "Reply" }).click();
  await thread.getByLabel("Your reply").fill("At noon.");
  await thread.getByRole("button", { name: "Reply", exact: true }).click();
  await ben.sees(margin(ben).getByText("At noon."), "Ann's answer", PROMISED_MS);
  await ben.screenshot("comments");

  await thread.getByRole("button", { name: "Resolve thread" }).click();
  await ben.seesNoMore(margin(ben).getByText("At noon."), "the resolved thread");
  await margin(ben).getByRole("button", { name: /Resolved 1/ }).click();
  await ben.sees(margin(ben).getByText("Resolved by Ann Lee"), "who resolved it");
});

story("people edit and delete their own comments", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.views("Dawn");
  await ann.views("Dawn");
  await margin(ben).getByRole("button", { name: "On the chapter" }).click();
  await margin(ben).getByLabel("Your comment").fill("Frist light.");
  await margin(ben).getByRole("button", { name: "Comment", exact: true }).click();
  await ben.page.getByRole("button", { name: "Comment by Ben Lee" }).click();
  await ben.page.getByRole("menuitem", { name: "Edit" }).click();
  await margin(ben).getByLabel("Your comment").fill("First light.");
  await margin(ben).getByRole("button", { name: "Save" }).click();
  await ann.sees(margin(ann).getByText("First light."), "the better words", PROMISED_MS);
  await ben.page.getByRole("button", { name: "Comment by Ben Lee" }).click();
  await ben.page.getByRole("menuitem", { name: "Delete" }).click();
  await ann.sees(margin(ann).getByText("A comment by Ben Lee was deleted."), "what is left of it", PROMISED_MS);
});

story("a comment on selected words is marked in the text, for others too", async (town) => {
  const ann = await town.person("Ann");
  const ben = await town.person("Ben");
  for (const person of [ann, ben]) {
    await person.openBook("Pride and Prejudice");
    await person.views("Chapter 1");
    await person.sees(person.page.getByText("single man in possession"), "the text");
  }
  const quote = await ann.page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector(".prose"), NodeFilter.SHOW_TEXT);
    while (!walker.nextNode()?.nodeValue?.includes("good fortune"));
    const node = walker.currentNode;
    const at = node.nodeValue.indexOf("good fortune");
    document.getSelection().setBaseAndExtent(node, at, node, at + "good fortune".length);
    return document.getSelection().toString();
  });
  assert.equal(quote, "good fortune");
  await ann.page.locator(".selection-button").click();
  await margin(ann).getByLabel("Your comment").fill("How good?");
  await margin(ann).getByRole("button", { name: "Comment", exact: true }).click();

  const thread = margin(ben).locator(".thread", { hasText: "How good?" });
  await ben.sees(thread.locator(".quote", { hasText: "good fortune" }), "the quoted words", PROMISED_MS);
  const marked = await ben.page.evaluate(() => [...CSS.highlights.get("comment")].map((range) => range.toString()));
  assert.deepEqual(marked, ["good fortune"]);
  await ben.screenshot("comment-on-words");
});

story("chapters are added, renamed, moved, removed and restored before everybody's eyes", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "editor" });
  const order = (person) => person.page.locator(".chapter-name").allTextContents();
  const organise = async (chapter, command) => {
    await ben.row(chapter).hover();
    await ben.page.getByRole("button", { name: `Organise ${chapter}` }).click();
    await ben.page.getByRole("menuitem", { name: command }).click();
  };

  await ben.addChapter("Night");
  await ann.sees(ann.row("Night"), "the new chapter", PROMISED_MS);
  await organise("Night", "Rename");
  await ben.page.getByLabel("New title of Night").fill("Midnight");
  await ben.page.getByRole("button", { name: "Rename", exact: true }).click();
  await ann.sees(ann.row("Midnight"), "the new title", PROMISED_MS);
  await organise("Midnight", "Move up");
  await ann.sees(ann.page.locator(".chapter-row:nth-child(3)", { hasText: "Midnight" }), "it in third place", PROMISED_MS);
  assert.deepEqual(await order(ann), ["Dawn", "Noon", "Midnight", "Dusk"]);
  await organise("Midnight", "Remove");
  await ann.seesNoMore(ann.row("Midnight"), "the removed chapter", PROMISED_MS);
  await ann.page.getByText("Removed (1)").click();
  await ann.page.getByRole("button", { name: "Restore Midnight" }).click();
  await ben.sees(ben.row("Midnight"), "the chapter again", PROMISED_MS);
});

story("a chapter is dragged to another place", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.row("Dusk").dragTo(ann.row("Dawn"), { targetPosition: { x: 40, y: 3 } });
  await ben.sees(ben.page.locator(".chapter-row:first-child", { hasText: "Dusk" }), "Dusk first");
});

story("a refusal is shown beside the control it answers", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  const about = async (person) => {
    await person.page.getByRole("button", { name: "This book" }).click();
    await person.page.getByRole("menuitem", { name: "About this book" }).click();
    return person.page.getByRole("dialog", { name: "About this book" });
  };
  const [anns, bens] = [await about(ann), await about(ben)];
  await anns.getByLabel("Subtitle").fill("by Ann");
  await bens.getByLabel("Subtitle").fill("by Ben");
  await anns.getByRole("button", { name: "Save" }).click();
  await ann.seesNoMore(anns, "the dialog");
  await bens.getByRole("button", { name: "Save" }).click();
  await ben.sees(bens.getByRole("alert").getByText("Somebody changed this before you."), "the refusal");
});
