// Several people in one chapter at once.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

async function sets(person, label) {
  await person.row("Dawn").hover();
  await person.page.getByRole("button", { name: "Organise Dawn" }).click();
  await person.page.getByRole("menuitem", { name: label }).click();
}

story("two people write in one chapter at once, and go back to one at a time", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "author" });
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("It was a bright cold day.");
  await ben.views("Dawn");
  await ben.sees(ben.lockBar.getByRole("button", { name: "Ask for it" }), "that he would have to ask");
  await sets(ann, "Let several write at once");
  await ben.lockBar.getByRole("button", { name: "Write too" }).click();
  await ben.sees(ben.lockBar.getByText("You are writing here with Ann Lee"), "that he writes beside Ann");
  await ann.sees(ann.lockBar.getByText("You are writing here with Ben Lee"), "that Ben writes beside her");
  await editor(ben).click();
  await ben.movesCaret("Control+End");
  await ben.page.keyboard.press("Enter");
  await ben.page.keyboard.type("The clocks were striking thirteen.");
  await ann.sees(editor(ann).getByText("striking thirteen."), "Ben's line", PROMISED_MS);
  // Both at once, each in a place of their own.
  await editor(ann).click();
  await ann.movesCaret("Control+Home");
  const [hers, his] = ["In April. ", " Nobody minded."];
  await Promise.all([ann.page.keyboard.type(hers, { delay: 20 }), ben.page.keyboard.type(his, { delay: 20 })]);
  for (const person of [ann, ben]) {
    await person.sees(editor(person).getByText("In April. It was a bright cold day."), "all that Ann wrote");
    await person.sees(editor(person).getByText("striking thirteen. Nobody minded."), "all that Ben wrote");
    await person.sees(person.lockBar.getByText("Saved"), "that it is saved", PROMISED_MS);
  }
  await ann.screenshot("together");
  // Undo is one's own. What was typed with a pause in it is taken back in more than one step.
  for (let steps = 0; steps < hers.length && (await editor(ann).getByText("In April.").count()) > 0; steps += 1) {
    await ann.page.keyboard.press("Control+z");
  }
  await ben.seesNoMore(editor(ben).getByText("In April."), "what Ann took back");
  await ben.sees(editor(ben).getByText("Nobody minded."), "his own words");
  await sets(ann, "One writes at a time");
  await ben.sees(ben.lockBar.getByText("Ann Lee is writing here"), "that Ann goes on alone");
  await editor(ann).click();
  await ann.page.keyboard.type(" Still here. ");
  await ben.sees(ben.page.locator(".prose .ProseMirror").getByText("Still here."), "what Ann writes now", PROMISED_MS);
  assert.match(await ben.page.locator(".prose .ProseMirror").innerText(), /Nobody minded\./);
});
