// What a chapter said before: its versions, what changed between them, and how an old one comes back.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function text(person) {
  return person.page.locator(".page .prose .ProseMirror");
}

async function types(person, words) {
  await editor(person).click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(words);
}

async function isSaved(person) {
  await person.sees(person.lockBar.getByText("Saved"), "that it is saved");
}

/** One hold in which these words are written. */
async function writesOnce(person, words) {
  await person.writes("Dawn");
  await types(person, words);
  await isSaved(person);
  await person.lockBar.getByRole("button", { name: "Release" }).click();
  await person.sees(person.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
}

async function opensHistory(person) {
  await person.lockBar.getByRole("button", { name: "History" }).click();
  const dialog = person.page.getByRole("dialog", { name: "History of “Dawn”" });
  await person.sees(dialog, "the history");
  return dialog;
}

function versions(dialog) {
  return dialog.getByRole("region", { name: "Versions" }).locator(".version-row");
}

/** What the version says that is shown. */
function read(dialog) {
  return dialog.getByRole("region", { name: "Text of the version" });
}

async function close(person, dialog) {
  await dialog.getByRole("button", { name: "Close", exact: true }).first().click();
  await person.seesNoMore(dialog, "the dialog");
}

story("a version appears when a hold is over, and shows what came and what went", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await writesOnce(ann, "It was a bright day in April.");
  await ben.views("Dawn");
  const dialog = await opensHistory(ben);
  await ben.sees(versions(dialog).filter({ hasText: "Ann Lee · Written" }), "Ann's version");
  await ben.sees(versions(dialog).getByText("7 words"), "how many words it has");
  await ben.sees(read(dialog).getByText("It was a bright day in April."), "what it says");
  await close(ben, dialog);

  await ben.writes("Dawn");
  await editor(ben).click();
  await ben.page.keyboard.press("Control+Home");
  for (let word = 0; word < 4; word++) await ben.page.keyboard.press("Control+ArrowRight");
  await ben.page.keyboard.type(" cold");
  await isSaved(ben);
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const anns = ann.page.getByRole("dialog", { name: "History of “Dawn”" });
  await ann.sees(versions(anns).filter({ hasText: "Ann Lee" }), "her own version");
  assert.equal(await versions(anns).count(), 1);
  // Nobody tells Ann to look again: the page hears that the hold is over.
  await ben.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(versions(anns).filter({ hasText: "Ben Lee" }), "Ben's version");
  await ann.sees(versions(anns).first().getByText("+1"), "that a word came");

  await versions(anns).first().click();
  await anns.getByRole("button", { name: "Compare" }).click();
  const changed = anns.getByRole("region", { name: "What changed" });
  await ann.sees(changed.locator("ins", { hasText: "cold" }), "the inserted word");
  assert.equal(await changed.locator("del").count(), 0);
  await anns.getByRole("button", { name: "Next change" }).click();
  await ann.sees(anns.getByText("Change 1 of 1"), "where they are");
  await ann.screenshot("history-compare");
  await anns.getByLabel("Compare with").selectOption({ label: "The text as it is" });
  await ann.sees(anns.getByText("Both say the same."), "that nothing changed since");
});

story("versions are kept by hand, named, named anew, and filtered", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await writesOnce(ann, "First.");
  await ann.writes("Dawn");
  await types(ann, " Second.");
  const dialog = await opensHistory(ann);
  await dialog.getByRole("button", { name: "Keep a version" }).click();
  const keeping = ann.page.getByRole("dialog", { name: "Keep a version" });
  await keeping.getByLabel("Name").fill("Sent to Ben");
  await keeping.getByRole("button", { name: "Keep", exact: true }).click();
  const kept = versions(dialog).filter({ hasText: "Sent to Ben" });
  await ann.sees(kept.getByText("Saved by hand"), "the version with its name");
  await ann.sees(read(dialog).getByText("First. Second."), "what was typed last in it");
  await ann.screenshot("history-list");

  await kept.click();
  await dialog.getByRole("button", { name: "Rename" }).click();
  const naming = ann.page.getByRole("dialog", { name: "Rename this version" });
  await naming.getByLabel("Name").fill("Sent to the printer");
  await naming.getByRole("button", { name: "Save" }).click();
  await ann.sees(versions(dialog).filter({ hasText: "Sent to the printer" }), "the new name");

  await ben.views("Dawn");
  const bens = await opensHistory(ben);
  await ben.sees(versions(bens).filter({ hasText: "Sent to the printer" }), "the name");
  await bens.getByRole("button", { name: "Only named (1)" }).click();
  assert.equal(await versions(bens).count(), 1);
  await versions(bens).first().click();
  assert.equal(await bens.getByRole("button", { name: "Restore" }).count(), 0, "an author restores nothing");
  await bens.getByRole("button", { name: "Rename" }).click();
  await ben.page.getByRole("dialog", { name: "Rename this version" }).getByRole("button", { name: "Remove the name" }).click();
  await ben.sees(bens.getByText("No version has a name yet."), "that no version has a name any more");
});

story("a version of the whole book is kept in every chapter that has a text", async (town) => {
  const { ann } = await town.bookOfTwo();
  await writesOnce(ann, "Morning.");
  await ann.writes("Noon");
  await ann.page.getByRole("textbox", { name: "Noon" }).click();
  await ann.page.keyboard.type("Lunch.");
  await ann.views("Dawn");
  const dialog = await opensHistory(ann);
  await dialog.getByRole("button", { name: "Keep a version" }).click();
  const keeping = ann.page.getByRole("dialog", { name: "Keep a version" });
  await keeping.getByLabel("Name").fill("First draft");
  await keeping.getByLabel("Of every chapter of the book").check();
  await keeping.getByRole("button", { name: "Keep", exact: true }).click();
  await ann.sees(versions(dialog).filter({ hasText: "First draft" }), "it in this chapter");
  await close(ann, dialog);
  await ann.views("Noon");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const noon = ann.page.getByRole("dialog", { name: "History of “Noon”" });
  await ann.sees(versions(noon).filter({ hasText: "First draft" }), "it in the other chapter");
  await ann.sees(read(noon).getByText("Lunch."), "what was typed there last");
  await close(ann, noon);
  await ann.views("Dusk");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const dusk = ann.page.getByRole("dialog", { name: "History of “Dusk”" });
  await ann.sees(dusk.getByText("There are no versions yet."), "that nobody has written there");
  await dusk.getByRole("button", { name: "Keep a version" }).click();
  await keeping.getByLabel("Name").fill("Nothing");
  await keeping.getByRole("button", { name: "Keep", exact: true }).click();
  await ann.sees(keeping.getByRole("alert").filter({ hasText: "nobody has written in this chapter" }), "the hub's words");
});

story("long stretches that did not change are folded, and any two versions can be compared", async (town) => {
  const ann = await town.person("Ann");
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 2");
  for (const words of [" One.", " Two.", " Three."]) {
    await ann.lockBar.getByRole("button", { name: "Write" }).click();
    const typing = ann.page.getByRole("textbox", { name: "Chapter 2" });
    await typing.press("Control+End");
    await ann.page.keyboard.type(words);
    await isSaved(ann);
    await ann.lockBar.getByRole("button", { name: "Release" }).click();
    await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  }
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "History of “Chapter 2”" });
  await ann.sees(versions(dialog).nth(3), "three versions, and what was brought in");
  await versions(dialog).nth(3).click();
  await dialog.getByRole("button", { name: "Compare" }).click();
  const changed = dialog.getByRole("region", { name: "What changed" });
  await ann.sees(changed.locator("ins", { hasText: "One. Two. Three." }), "what came since the first version");
  const choice = dialog.getByLabel("Compare with");
  assert.equal(await choice.inputValue(), "now", "there is no version before the first");
  await choice.selectOption(await versions(dialog).nth(1).getAttribute("data-rev"));
  await ann.sees(changed.locator("ins", { hasText: /Two\.\W*$/ }), "what came until the second version");
  const fold = changed.getByRole("button", { name: /^\d+ unchanged paragraphs$/ });
  const hidden = Number.parseInt(await fold.innerText(), 10);
  const before = await changed.locator(".block").count();
  assert.ok(hidden > 10 && before < 5, `${hidden} paragraphs are folded, ${before} are shown`);
  await fold.click();
  assert.equal(await changed.locator(".block").count(), before + hidden);
  await fold.click();
  assert.equal(await changed.locator(".block").count(), before);
});

story("an old version comes back for everybody, and nothing of the history is lost", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await writesOnce(ann, "The old words.");
  await ben.writes("Dawn");
  await editor(ben).click();
  await ben.page.keyboard.press("Control+a");
  await ben.page.keyboard.type("New words by Ben.");
  await isSaved(ben);
  await ben.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(text(ann).getByText("New words by Ben."), "Ben's words");

  const dialog = await opensHistory(ann);
  await ann.sees(versions(dialog).filter({ hasText: "Ben Lee" }), "Ben's version");
  await versions(dialog).filter({ hasText: "Ann Lee" }).click();
  await ann.sees(read(dialog).getByText("The old words."), "what she wrote");
  await dialog.getByRole("button", { name: "Restore" }).click();
  const restoring = ann.page.getByRole("dialog", { name: "Restore this version?" });
  await ann.sees(restoring.getByText("Nobody is writing here."), "who writes");
  await ann.screenshot("history-restore");
  await restoring.getByRole("button", { name: "Restore", exact: true }).click();
  await ann.sees(versions(dialog).filter({ hasText: "Restored from" }).getByText("Now"), "the version that came back, as the text is now");
  await ann.sees(read(dialog).getByText("The old words."), "what the chapter says now");
  assert.equal(await versions(dialog).filter({ hasText: "Ben Lee · Written" }).count(), 1, "Ben's words are a version still");
  await ben.sees(text(ben).getByText("The old words."), "the old words");
  await close(ann, dialog);
  await ann.sees(text(ann).getByText("The old words."), "the old words");
  await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free again");
});

story("whoever holds the chapter goes on writing in the version that came back", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await writesOnce(ann, "The old words.");
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await types(ann, " Too many of them.");
  const dialog = await opensHistory(ann);
  await versions(dialog).filter({ hasText: "Ann Lee" }).last().click();
  await dialog.getByRole("button", { name: "Restore" }).click();
  const restoring = ann.page.getByRole("dialog", { name: "Restore this version?" });
  await ann.sees(restoring.getByText("go on writing from there"), "that she keeps the chapter");
  await restoring.getByRole("button", { name: "Restore", exact: true }).click();
  await ann.sees(versions(dialog).filter({ hasText: "Restored from" }), "the version that came back");
  await ann.sees(versions(dialog).filter({ hasText: "Replaced" }), "what was there before");
  await close(ann, dialog);
  await ann.sees(ann.lockBar.getByText("You hold this chapter"), "that she holds the chapter");
  await types(ann, " And new ones.");
  await ben.sees(text(ben).getByText("The old words. And new ones."), "what she goes on with", PROMISED_MS);
});

story("a version comes back into the tab that asks for it, when another one holds the chapter", async (town) => {
  const { ann, title } = await town.bookOfTwo();
  await writesOnce(ann, "The old words.");
  await ann.writes("Dawn");
  await types(ann, " And others.");
  await isSaved(ann);
  const second = await ann.anotherTab();
  town.people.push(second);
  await second.openBook(title);
  await second.views("Dawn");
  const dialog = await opensHistory(second);
  await versions(dialog).last().click();
  await dialog.getByRole("button", { name: "Restore" }).click();
  const restoring = second.page.getByRole("dialog", { name: "Restore this version?" });
  await second.sees(restoring.getByText("You hold this chapter in another tab."), "who writes");
  await restoring.getByRole("button", { name: "Restore", exact: true }).click();
  await second.sees(versions(dialog).filter({ hasText: "Restored from" }), "the version that came back");
  await close(second, dialog);
  await second.sees(editor(second).getByText("The old words.", { exact: true }), "the old words in the editor");
  await ann.sees(text(ann).getByText("The old words.", { exact: true }), "the old words in the other tab");
});

story("restoring while somebody else writes takes the chapter over, and that person's last words are a version", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await writesOnce(ann, "The old words.");
  await ben.writes("Dawn");
  await types(ben, " And Ben's.");
  await isSaved(ben);
  const dialog = await opensHistory(ann);
  await versions(dialog).filter({ hasText: "Ann Lee" }).last().click();
  await dialog.getByRole("button", { name: "Restore" }).click();
  const restoring = ann.page.getByRole("dialog", { name: "Restore this version?" });
  await ann.sees(restoring.getByText("Ben Lee has been writing here"), "who writes");
  await restoring.getByLabel("Reason").fill("The printer waits");
  await ann.screenshot("history-take-over");
  await restoring.getByRole("button", { name: "Take over and restore" }).click();
  await ben.sees(ben.toasts.filter({ hasText: "Ann Lee took over “Dawn”." }).getByText("The printer waits"), "who took it and why");
  await ann.sees(versions(dialog).filter({ hasText: "Restored from" }), "the version that came back");
  await versions(dialog).nth(1).click();
  await ann.sees(read(dialog).getByText("The old words. And Ben's."), "Ben's last words in the version before");
  await close(ann, dialog);
  for (const person of [ann, ben]) {
    await person.sees(text(person).getByText("The old words.", { exact: true }), "the old words");
    await person.sees(person.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  }
});

story("the history of a removed chapter is there to read", async (town) => {
  const { ann } = await town.bookOfTwo();
  await writesOnce(ann, "Words of a chapter that goes.");
  await ann.row("Dawn").hover();
  await ann.page.getByRole("button", { name: "Organise Dawn" }).click();
  await ann.page.getByRole("menuitem", { name: "Remove" }).click();
  await ann.page.getByText("Removed (1)").click();
  await ann.page.getByRole("button", { name: "History of Dawn" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "History of “Dawn”" });
  await ann.sees(read(dialog).getByText("Words of a chapter that goes."), "what it said");
  assert.equal(await dialog.getByRole("button", { name: "Restore" }).count(), 0, "there is no chapter to write it into");
});

story("a viewer has no history", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await writesOnce(ann, "Words.");
  await ben.views("Dawn");
  await ben.sees(text(ben).getByText("Words."), "the text");
  await ann.sees(ann.page.getByRole("button", { name: "History" }), "the owner's history button");
  assert.equal(await ben.page.getByRole("button", { name: "History" }).count(), 0);
});
