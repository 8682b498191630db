// What is pasted, long or from another program, and what is too long for one update.
import assert from "node:assert/strict";
import { blocks } from "./harness/person.js";
import { story } from "./harness/story.js";

const PARAGRAPHS = 900;
const LONG = Array.from({ length: PARAGRAPHS }, (_, index) => `<p>${index + 1}. It was a <i>bright</i> cold day in April, and the clocks were striking thirteen.</p>`).join("");

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function shown(person) {
  return person.page.locator(".prose .ProseMirror");
}

/** As the browser does it: what is on the clipboard comes with the event. */
async function pastes(person, html) {
  await editor(person).evaluate((element, given) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/html", given);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, html);
}

story("a chapter that is pasted at once, far beyond one update, is stored, undone and brought back", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const last = (person) => shown(person).getByText(`${PARAGRAPHS}. It was`);
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await pastes(ann, LONG);
  await ben.sees(last(ben), "the last paragraph");
  await ann.page.keyboard.type(" The end.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  // A hold begins with nothing to undo: what comes so fast is one step otherwise, from the paste to the deletion.
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.press("Control+a");
  await ann.page.keyboard.press("Delete");
  await ben.seesNoMore(last(ben), "what Ann deleted");
  await ann.page.keyboard.press("Control+z");
  await ben.sees(last(ben), "what Ann brought back");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  const written = await blocks(ann);
  assert.match(written[0], /1\. It was a bright cold day/);
  assert.deepEqual(await blocks(ben), written);
  await ben.page.reload();
  await ben.views("Dawn");
  await ben.sees(last(ben), "the text after a reload");
  assert.deepEqual(await blocks(ben), written);
  assert.equal(await ann.toasts.count(), 0);
});

story("what is pasted from a word processor brings only what the book knows", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await pastes(
    ann,
    `<p class=MsoNormal style='text-align:center;mso-margin-top-alt:auto'><span style='font-weight:bold;color:red'>Bold</span><o:p></o:p>
    <a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1">[1]</a><a href="javascript:alert(1)">trap</a><img src="https://example.org/x.png"></p>
    <p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>One</p>
    <div style='mso-element:footnote-list'><hr><div style='mso-element:footnote' id=ftn1><p><a href="#_ftnref1" name="_ftn1">[1]</a> Below.</p></div></div>`,
  );
  await ben.sees(shown(ben).locator("p > strong", { hasText: "Bold" }), "what is bold");
  await ben.sees(shown(ben).locator("ol > li", { hasText: "One" }), "a real list");
  await ben.sees(ben.page.getByRole("region", { name: "Footnotes" }).getByText("Below."), "the footnote");
  assert.equal(await shown(ben).locator("img:not(.ProseMirror-separator), a, hr").count(), 0);
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
});
