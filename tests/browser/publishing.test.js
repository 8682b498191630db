// A book comes to its readers: submitted, reviewed, published, and written on.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

async function fromMenu(person, item) {
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: item }).click();
}

async function opensPublishing(person) {
  await fromMenu(person, "Publishing…");
  const dialog = person.page.getByRole("dialog", { name: "Publishing" });
  await person.sees(dialog, "how the book comes to its readers");
  return dialog;
}

function listed(person, title) {
  return person.page.getByRole("list", { name: "Books of the library" }).getByRole("listitem").filter({ hasText: title });
}

/** Ann owns the library; Ben may bring books in, and has brought one. */
async function bookOfBen(town) {
  const ann = await town.person("Ann");
  const ben = await town.person("Ben");
  await ann.page.getByRole("link", { name: "Users" }).click();
  await ann.page.getByRole("button", { name: "Share the library" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Share the library" });
  await dialog.getByLabel("E-mail addresses").fill(ben.email);
  await ann.page.locator('[data-permission="upload"]').getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await ann.sees(dialog.getByText("is asked to join"), "that Ben is asked");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await ann.page.getByRole("link", { name: "Back to the books" }).click();
  await ben.page.getByRole("button", { name: "Join" }).click();
  await ben.createBook("Tides", ["Ebb", "Flood"]);
  return { ann, ben };
}

story("a book is submitted, sent back, submitted again and published; what is written later waits", async (town) => {
  const { ann, ben } = await bookOfBen(town);
  const early = await opensPublishing(ben);
  await ben.sees(early.getByText("Only books of the library are published."), "what has to be done first");
  assert.ok(await early.getByRole("button", { name: "Submit for publishing" }).isDisabled());
  await early.getByRole("button", { name: "Close" }).last().click();
  await fromMenu(ben, "Bring into the library");
  await ben.sees(ben.toasts.getByText("is in the library"), "that it is there");
  await ben.adds("Ebb", "The sea goes out.");

  const asking = await opensPublishing(ben);
  await ben.sees(asking.getByText("Nothing is written in “Flood”."), "what is left to do");
  await asking.getByLabel("Note to whoever reviews it").fill("For autumn.");
  await ben.screenshot("publishing-checklist");
  await asking.getByRole("button", { name: "Submit for publishing" }).click();
  await ben.sees(asking.getByText("Waits for review"), "that it waits");
  await ben.sees(asking.getByText("For autumn."), "what he said");

  await ann.sees(listed(ann, "Tides").getByText("Waits for review"), "that it waits for her", PROMISED_MS);
  await ann.page.getByLabel("State").selectOption("published");
  await ann.sees(ann.page.getByText("No book fits."), "that nothing is published");
  await ann.page.getByLabel("State").selectOption("submitted");
  await ann.sees(listed(ann, "Tides"), "the book that waits");
  await ann.screenshot("library-submitted");
  await listed(ann, "Tides").getByRole("button", { name: "Review or publish Tides" }).click();
  const review = ann.page.getByRole("dialog", { name: "Publishing: Tides" });
  assert.ok(await review.getByRole("button", { name: "Ask for changes" }).isDisabled(), "without saying which");
  await review.getByLabel("Note to the owner").fill("Where is the flood?");
  await review.getByRole("button", { name: "Ask for changes" }).click();
  await ann.seesNoMore(review, "the dialog");
  await ben.sees(asking.getByText("Where is the flood?"), "what is to be changed", PROMISED_MS);
  await ben.screenshot("publishing-changes");
  await asking.getByRole("button", { name: "Close" }).last().click();
  await ben.adds("Flood", "It comes back.");
  const again = await opensPublishing(ben);
  await ben.sees(again.getByText("Nothing is left to do"), "that the list is empty");
  await again.getByRole("button", { name: "Submit for publishing" }).click();
  await ben.sees(again.getByText("Waits for review"), "that it waits again");

  await ann.page.getByLabel("State").selectOption("");
  await listed(ann, "Tides").getByRole("link").click();
  const deciding = await opensPublishing(ann);
  await ann.screenshot("publishing-review");
  await deciding.getByRole("button", { name: "Approve" }).click();
  await ann.sees(deciding.getByText("Approved by Ann Lee"), "that she approved it");
  await deciding.getByRole("button", { name: "Publish what was submitted" }).click();
  await ann.sees(deciding.getByText("Published by Ann Lee"), "that it is out");
  await ben.sees(again.locator(".publishing-state").getByText("Published"), "that it is out", PROMISED_MS);
  await ben.sees(ben.toasts.getByText("Your rights in this book changed."), "that they did");
  await again.getByRole("button", { name: "Close" }).last().click();
  await ben.page.getByRole("button", { name: "This book" }).click();
  await ben.sees(ben.page.getByRole("menuitem", { name: "Publishing…" }), "the menu");
  assert.equal(await ben.page.getByRole("menuitem", { name: "Delete the book…" }).count(), 0, "readers have it");
  await ben.page.keyboard.press("Escape");

  await ben.adds("Ebb", " For ever.");
  const later = await opensPublishing(ben);
  await ben.sees(later.getByText("Changed: “Ebb”."), "what readers do not have yet");
  await ben.screenshot("publishing-waiting");
  await deciding.getByRole("button", { name: "Take it back" }).click();
  await ben.sees(later.locator(".publishing-state").getByText("Taken back"), "that readers have it no more", PROMISED_MS);
});
