// One holder per chapter, seen by everybody at once.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

story("viewing a chapter never takes it", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.views("Dawn");
  await ben.sees(ben.row("Dawn").locator(".viewer"), "that Ann reads Dawn");
  assert.equal(await ben.holder("Dawn").count(), 0);
});

story("the holder's initials appear beside the chapter, and a click on its title gives it back", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.views("Dawn");
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  await ben.sees(ben.holder("Dawn").getByText("AL"), "Ann's initials beside Dawn", PROMISED_MS);
  await ben.title("Dawn").focus();
  await ben.holder("Dawn").hover();
  await ben.sees(ben.row("Dawn").locator(".tip", { hasText: /Ann Lee is writing since/ }), "who writes since when");
  await ben.screenshot("holder-seen-by-another");
  await ann.screenshot("holder");

  await ann.title("Dawn").click();
  await ben.seesNoMore(ben.holder("Dawn"), "Ann's initials", PROMISED_MS);
});

story("closing the tab frees the chapter", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Noon");
  await ben.sees(ben.holder("Noon"), "Ann's initials beside Noon");
  await ann.page.close({ runBeforeUnload: true });
  await ben.seesNoMore(ben.holder("Noon"), "Ann's initials after her tab was closed", PROMISED_MS);
});

story("a waiting person is handed the chapter", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Dawn");
  await ben.views("Dawn");
  await ben.lockBar.getByRole("button", { name: "Ask for it" }).click();
  await ben.page.getByLabel("A word to Ann Lee").fill("Only the last line.");
  await ben.page.getByRole("button", { name: "Ask", exact: true }).click();
  await ben.sees(ben.lockBar.getByText("You are 1st in line"), "their place in the queue");

  const asking = ann.lockBar.locator(".waiter", { hasText: "Ben Lee" });
  await ann.sees(asking.getByText("Only the last line."), "Ben's word", PROMISED_MS);
  await ann.screenshot("asked");
  await asking.getByRole("button", { name: "Hand over" }).click();
  await ben.sees(ben.lockBar.getByText("You hold this chapter"), "that they hold Dawn", PROMISED_MS);
  await ann.sees(ann.lockBar.getByText("is writing here"), "that Ben writes");
});

story("a holder may keep the chapter, and the one who waits may stop", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Dawn");
  await ben.views("Dawn");
  const ask = async () => {
    await ben.lockBar.getByRole("button", { name: "Ask for it" }).click();
    await ben.page.getByRole("button", { name: "Ask", exact: true }).click();
    await ann.sees(ann.lockBar.locator(".waiter"), "that Ben asks");
  };
  await ask();
  await ann.lockBar.getByRole("button", { name: "Keep" }).click();
  await ben.sees(ben.toasts.getByText("keeps “Dawn” for now"), "that Ann keeps it");
  await ask();
  await ben.lockBar.getByRole("button", { name: "Stop waiting" }).click();
  await ann.seesNoMore(ann.lockBar.locator(".waiter"), "that Ben asks");
});

story("the owner takes a chapter over, and the holder learns who and why", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.writes("Dusk");
  await ann.views("Dusk");
  await ann.lockBar.getByRole("button", { name: "Take over" }).click();
  await ann.page.getByLabel("Reason").fill("The printer waits.");
  await ann.page.getByRole("button", { name: "Take over", exact: true }).click();
  await ann.sees(ann.lockBar.getByText("You hold this chapter"), "that they hold Dusk");
  const told = ben.toasts.filter({ hasText: "Ann Lee took over “Dusk”" });
  await ben.sees(told.getByText("The printer waits."), "who took Dusk and why", PROMISED_MS);
  await ben.screenshot("taken-over");
});

story("nobody but the owner can take a chapter over", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Dusk");
  await ben.views("Dusk");
  await ben.sees(ben.lockBar.getByRole("button", { name: "Ask for it" }), "how to ask");
  assert.equal(await ben.lockBar.getByRole("button", { name: "Take over" }).count(), 0);
});

story("a chapter moves to the same person's other tab", async (town) => {
  const { ann, title } = await town.bookOfTwo();
  await ann.writes("Dawn");
  const other = await ann.anotherTab();
  town.people.push(other);
  await other.openBook(title);
  await other.views("Dawn");
  await other.lockBar.getByRole("button", { name: "Move here" }).click();
  await other.sees(other.lockBar.getByText("You hold this chapter since"), "that this tab holds Dawn");
  await ann.sees(ann.lockBar.getByText("You hold this chapter in another tab"), "that the other tab holds Dawn");
});

story("after a crash of the hub the page comes back by itself, and still holds its chapter", async (town) => {
  town.expected.push(/WebSocket connection to/, /ERR_CONNECTION/);
  const { ann, ben } = await town.bookOfTwo();
  await ann.writes("Dawn");
  await town.hub.kill();
  await ann.sees(ann.page.locator(".connection.waiting"), "that the connection is away");
  await ann.screenshot("reconnecting");
  await town.hub.startAgain();
  await ann.sees(ann.page.locator(".connection.online"), "that the connection is back", 20_000);
  await ben.sees(ben.page.locator(".connection.online"), "that the connection is back", 20_000);
  await ann.sees(ann.lockBar.getByText("You hold this chapter since"), "that they hold Dawn");
  await ben.sees(ben.holder("Dawn"), "Ann's initials beside Dawn");
});
