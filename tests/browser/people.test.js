// Who belongs to a book, and what becomes of that at once.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

story("whoever signs in first owns the sample book; who comes later joins it as an author", async (town) => {
  const ann = await town.person("Ann");
  await ann.sees(ann.cover("Pride and Prejudice").getByText("Owner"), "the sample book as its owner");
  await ann.screenshot("library");
  await ann.openBook("Pride and Prejudice");
  await ann.page.getByRole("button", { name: "Begin reading" }).click();
  await ann.sees(ann.page.getByText("It is a truth universally acknowledged"), "the first sentence");
  await ann.screenshot("reading");
  const ben = await town.person("Ben");
  await ben.sees(ben.cover("Pride and Prejudice").getByText("Author"), "the sample book as an author");
});

story("an invitation appears without a reload, and one can decline it", async (town) => {
  const ann = await town.person("Ann");
  const cleo = await town.person("Cleo");
  await ann.createBook("The Unwanted");
  const share = await ann.openShare();
  await share.getByLabel("E-mail address").fill("nobody@example.org");
  await share.getByLabel("Role", { exact: true }).focus();
  await ann.sees(share.getByText("Nobody with this address was here yet"), "that nobody is known there");
  await share.getByLabel("E-mail address").fill(ann.email);
  await share.getByLabel("Role", { exact: true }).focus();
  await ann.sees(share.getByText("This address has an account here."), "that she is known");
  await share.getByRole("button", { name: "Close", exact: true }).click();
  await ann.invites(cleo, "viewer");
  const card = cleo.page.locator(".invitation", { hasText: "The Unwanted" });
  await cleo.sees(card.getByText("Ann Lee invites you"), "the invitation", PROMISED_MS);
  await cleo.screenshot("invitation");
  await card.getByRole("button", { name: "Decline" }).click();
  await cleo.seesNoMore(card, "the invitation");
  assert.equal(await cleo.cover("The Unwanted").count(), 0);
  const dialog = await ann.openShare();
  await ann.seesNoMore(dialog.locator(`[data-invitation="${cleo.email}"]`), "the pending invitation");
});

story("the owner is told when it is too early to resend an invitation, and revokes it", async (town) => {
  const ann = await town.person("Ann");
  const cleo = await town.person("Cleo");
  await ann.createBook("The Hesitant");
  await ann.invites(cleo, "editor");
  const card = cleo.page.locator(".invitation", { hasText: "The Hesitant" });
  await cleo.sees(card, "the invitation");
  const dialog = await ann.openShare();
  await dialog.getByRole("button", { name: `Resend the invitation to ${cleo.email}` }).click();
  await ann.sees(dialog.getByText("a letter went to this address a moment ago"), "why nothing was sent", PROMISED_MS);
  await dialog.getByRole("button", { name: `Revoke the invitation to ${cleo.email}` }).click();
  await cleo.seesNoMore(card, "the revoked invitation", PROMISED_MS);
});

story("removing a member closes the book for them, with a word", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  await ben.writes("Dawn");
  const dialog = await ann.openShare();
  await ann.screenshot("share");
  await dialog.getByRole("button", { name: "Remove Ben Lee…" }).click();
  await dialog.getByRole("button", { name: "Remove Ben Lee", exact: true }).click();
  await ben.sees(ben.toasts.getByText(`You are no longer a member of “${title}”`), "why the book closed", PROMISED_MS);
  await ben.sees(ben.page.getByRole("heading", { name: "Your books" }), "their library");
  await ben.seesNoMore(ben.cover(title), "the book among theirs");
  await ann.seesNoMore(ann.holder("Dawn"), "Ben's initials beside Dawn");
});

story("a change of role takes effect in the open page: a reader sees no comments and cannot write", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.views("Dawn");
  await ben.sees(ben.page.getByRole("complementary", { name: "Comments" }), "the margin");
  const dialog = await ann.openShare();
  await dialog.getByLabel("Role of Ben Lee").selectOption("reader");
  await ben.sees(ben.toasts.getByText("You are now a reader"), "the new role", PROMISED_MS);
  await ben.seesNoMore(ben.page.getByRole("complementary", { name: "Comments" }), "the margin");
  assert.equal(await ben.lockBar.count(), 0);
});

story("members see who belongs to the book, read-only, and can leave it", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  await ben.page.getByRole("button", { name: "Members" }).click();
  const dialog = ben.page.getByRole("dialog");
  await ben.sees(dialog.getByText(ann.email), "Ann among the members");
  assert.equal(await dialog.getByRole("combobox").count(), 0);
  await dialog.getByRole("button", { name: "Leave the book" }).click();
  await ben.page.getByRole("dialog", { name: "Leave the book?" }).getByRole("button", { name: "Leave the book" }).click();
  await ben.sees(ben.page.getByRole("heading", { name: "Your books" }), "their library");
  await ben.seesNoMore(ben.cover(title), "the book among theirs");
});

story("who is here appears and goes", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.views("Noon");
  const face = ann.page.getByRole("button", { name: "Ben Lee: here, in Noon" });
  await ann.sees(face, "Ben, in Noon", PROMISED_MS);
  await ben.goesToLibrary();
  await ann.seesNoMore(face, "Ben");
});

story("the owner splits the royalties, each sees their own share, and whoever has one cannot be removed", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "author" });
  const opens = async (person, item, title) => {
    await person.page.getByRole("button", { name: "This book" }).click();
    await person.page.getByRole("menuitem", { name: item }).click();
    return person.page.getByRole("dialog", { name: title });
  };
  const dialog = await opens(ann, "Royalties…", "Royalties");
  await ann.sees(dialog.getByText("all of it is yours"), "that nothing was decided");
  const save = dialog.getByRole("button", { name: "Save the split" });
  await dialog.getByLabel("Ben Lee").fill("37.5");
  await ann.sees(dialog.getByText("Together 137.5 % of 100 %."), "that it is too much");
  assert.ok(await save.isDisabled());
  await dialog.getByLabel("Ann Lee").fill("62,5");
  await save.click();
  await ann.sees(dialog.getByText("Ben Lee: 37.5 %"), "what was decided");
  await dialog.getByLabel("From").fill("2099-01-31");
  await dialog.getByLabel("Ben Lee").fill("");
  await dialog.getByLabel("Ann Lee").fill("100");
  await save.click();
  await ann.sees(dialog.getByText("Ann Lee: 100 %"), "what is decided for later");
  await ann.screenshot("royalties");
  await ann.page.keyboard.press("Escape");

  const own = await opens(ben, "Your royalties", "Your share of the royalties");
  await ben.sees(own.getByText("37.5 %"), "his share");
  assert.equal(await own.getByText("62.5 %").count(), 0, "nobody else's");
  await ben.sees(own.getByText("No share any more"), "that it ends");
  await ben.screenshot("own-royalties");

  await ann.page.getByRole("button", { name: "Share" }).click();
  await ann.page.getByRole("button", { name: "Remove Ben Lee…" }).click();
  await ann.page.getByRole("button", { name: "Remove Ben Lee", exact: true }).click();
  await ann.sees(ann.page.getByText("stays until the split is changed"), "why he stays");
});
