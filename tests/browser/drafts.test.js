// Nothing that was typed is lost: not with the connection, not with the chapter, not with the tab.
import assert from "node:assert/strict";
import { story } from "./harness/story.js";

/** What a browser says while it, or its hub, is away. */
const AWAY = [/ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION_REFUSED/, /WebSocket connection/];

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

async function types(person, words) {
  await editor(person).click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(words);
}

async function takesOver(person) {
  await person.views("Dawn");
  await person.lockBar.getByRole("button", { name: "Take over" }).click();
  const dialog = person.page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("The printer waits");
  await dialog.getByRole("button", { name: "Take over", exact: true }).click();
  await person.sees(person.lockBar.getByText("You hold this chapter"), "that the chapter is theirs");
}

async function opensDrafts(person) {
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: "Drafts" }).click();
  return person.page.getByRole("dialog", { name: "Drafts" });
}

story("whoever is offline types on, and it is saved when the connection is back", async (town) => {
  town.expected.push(...AWAY);
  const { ann, ben } = await town.bookOfTwo();
  await ann.views("Dawn");
  await ben.writes("Dawn");
  await types(ben, "Before. ");
  await ben.sees(ben.lockBar.getByText("Saved"), "that it is saved");
  await town.hub.kill();
  await types(ben, "While nobody listened.");
  await ben.sees(ben.lockBar.getByText("Offline"), "that it is not saved yet");
  await town.hub.startAgain();
  await ben.sees(ben.lockBar.getByText("Saved"), "that it is saved at last", 20_000);
  await ann.sees(ann.page.locator(".prose .ProseMirror").getByText("Before. While nobody listened."), "all of it", 20_000);
});

story("words that came too late become a draft, to show, to copy, to throw away", async (town) => {
  town.expected.push(...AWAY);
  const { ann, ben } = await town.bookOfTwo();
  await ben.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ben.writes("Dawn");
  await types(ben, "In time. ");
  await ben.sees(ben.lockBar.getByText("Saved"), "that it is saved");
  await ben.context.setOffline(true);
  await types(ben, "Too late.");
  await ben.sees(ben.lockBar.getByText(/Saving|Offline/), "that it is not saved");
  await takesOver(ann);
  await types(ann, "Ann was here.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that hers is saved");
  await ben.context.setOffline(false);
  const toast = ben.toasts.filter({ hasText: "kept as a draft" });
  await ben.sees(toast, "that the words are kept", 30_000);
  await toast.getByRole("button", { name: "Show drafts" }).click();
  const dialog = ben.page.getByRole("dialog", { name: "Drafts" });
  await ben.sees(dialog.getByText("In time. Too late."), "the words");
  await ben.screenshot("drafts");
  await dialog.getByRole("button", { name: "Copy" }).click();
  await ben.sees(dialog.getByRole("button", { name: "Copied" }), "that they are copied");
  assert.equal(await ben.page.evaluate(() => navigator.clipboard.readText()), "In time. Too late.");
  const html = await ben.page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return (await item.getType("text/html")).text();
  });
  assert.match(html, /<p[^>]*>In time\. Too late\.<\/p>/);
  await dialog.getByRole("button", { name: "Show all" }).click();
  await ben.sees(dialog.locator(".written p", { hasText: "In time. Too late." }), "the text as it looks");
  await dialog.getByRole("button", { name: "Discard" }).click();
  await ben.sees(dialog.getByText("There are no drafts."), "that it is gone");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  // Nobody's text was written over.
  await ben.sees(ben.page.locator(".prose .ProseMirror").getByText("In time. Ann was here."), "what is in the chapter");
  assert.equal(await ann.page.getByText("Too late.").count(), 0);
});

story("what was typed offline outlives the tab", async (town) => {
  town.expected.push(...AWAY);
  const { ben, title } = await town.bookOfTwo();
  await ben.writes("Dawn");
  await types(ben, "In time. ");
  await ben.sees(ben.lockBar.getByText("Saved"), "that it is saved");
  await ben.context.setOffline(true);
  await types(ben, "Then the tab crashed.");
  await ben.page.evaluate(async () => {
    const opened = await new Promise((done, failed) => {
      const request = indexedDB.open("quire");
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const rows = () =>
      new Promise((done) => {
        opened.transaction("typed").objectStore("typed").getAll().onsuccess = (event) => done(event.target.result);
      });
    // Until the browser has kept all of it.
    while (!(await rows()).some((row) => row.excerpt.includes("the tab crashed."))) await new Promise(requestAnimationFrame);
    opened.close();
  });
  await ben.page.close();
  await ben.context.setOffline(false);
  const again = await ben.anotherTab();
  town.people.push(again);
  await again.openBook(title);
  await again.views("Dawn");
  const dialog = await opensDrafts(again);
  await again.sees(dialog.getByText("Then the tab crashed."), "the words");
});
