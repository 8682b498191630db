// Signing in by a mailed link. In development mode the hub keeps its letters at /dev/mail.
import assert from "node:assert/strict";
import { story } from "./harness/story.js";

/** Somebody who has not signed in, before the page that asks how. */
async function stranger(town, name) {
  const person = await town.visitor(name);
  await person.page.goto(town.hub.url);
  await person.page.getByRole("button", { name: "Sign in by mail instead" }).click();
  return person;
}

async function asksForLink(person) {
  await person.page.getByLabel("Your e-mail address").fill(person.email);
  await person.page.getByRole("button", { name: "Send me a link" }).click();
  await person.sees(person.page.getByText(`We sent a link to ${person.email}`), "that a link is under way");
}

/** Follows the newest link to this person, from the page of letters. */
async function followsLink(person) {
  const letter = person.page.locator("article", { hasText: `To ${person.email}` }).first();
  for (;;) {
    await person.page.goto(`${person.hub.url}/dev/mail`);
    if ((await letter.count()) > 0) break;
  }
  const link = letter.getByRole("link");
  const href = await link.getAttribute("href");
  await link.click();
  await person.sees(person.page.getByRole("heading", { name: "Welcome." }), "the welcome");
  return href;
}

async function entersAs(person, name) {
  await person.page.getByLabel("Your name").fill(name);
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
}

story("whoever opens a mailed link is signed in, in every tab, and it works once", async (town) => {
  const ann = await stranger(town, "Ann");
  await asksForLink(ann);
  const href = await followsLink(ann);
  assert.equal(new URL(ann.page.url()).hash, "", "the address bar forgets what the link holds");
  await entersAs(ann, "Ann Lee");
  await ann.sees(ann.page.getByRole("heading", { name: "Your books" }), "her books");
  assert.equal(new URL(ann.page.url()).pathname, "/");
  await ann.createBook("Letters", ["Dawn"]);
  const page = await ann.context.newPage();
  await page.goto(town.hub.url);
  await ann.sees(page.getByRole("heading", { name: "Your books" }), "her books in another tab");
  await page.close();
  // The same address by name is the same person.
  const again = await town.person("Ann");
  await again.sees(again.cover("Letters"), "her book");

  town.expected.push(/401/);
  const eve = await town.visitor("Eve");
  await eve.page.goto(href);
  await entersAs(eve, "Eve");
  await eve.sees(eve.page.getByText("This link was used already. Ask for a new one."), "that the link is used");
  await eve.page.getByRole("button", { name: "Sign in another way" }).click();
  await eve.sees(eve.page.getByLabel("Your name"), "the other ways");
});

story("whoever signs out is signed out in new tabs, too", async (town) => {
  const ben = await stranger(town, "Ben");
  await asksForLink(ben);
  await followsLink(ben);
  await entersAs(ben, "Ben Lee");
  await ben.sees(ben.page.getByRole("heading", { name: "Your books" }), "his books");
  await ben.page.getByRole("button", { name: "Account of Ben Lee" }).click();
  await ben.page.getByRole("menuitem", { name: "Sign out" }).click();
  await ben.sees(ben.page.getByRole("heading", { name: "Write a book together." }), "that he is signed out");
  const page = await ben.context.newPage();
  await page.goto(town.hub.url);
  await ben.sees(page.getByRole("heading", { name: "Write a book together." }), "the same in another tab");
});

story("a link that nobody sent says so, and whoever has none asks for one", async (town) => {
  town.expected.push(/401/);
  const eve = await town.visitor("Eve");
  await eve.page.goto(`${town.hub.url}/signin#token=${"A".repeat(43)}`);
  await entersAs(eve, "Eve");
  await eve.sees(eve.page.getByText("This link is not known here"), "that there is no such link");
  await eve.page.goto(`${town.hub.url}/signin`);
  await eve.page.getByRole("button", { name: "Sign in by mail instead" }).click();
  await asksForLink(eve);
});

story("whoever is invited finds the invitation behind the link, and the owner sees what became of the letter", async (town) => {
  const ann = await town.person("Ann");
  await ann.createBook("Posted", ["Dawn"]);
  const cleo = await town.visitor("Cleo");
  const dialog = await ann.openShare();
  await dialog.getByLabel("E-mail address").fill(cleo.email);
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const row = dialog.locator(`[data-invitation="${cleo.email}"]`);
  await ann.sees(row.getByText(/^Mailed /), "that the letter was mailed");
  town.expected.push(/429/);
  await row.getByRole("button", { name: /^Resend/ }).click();
  await ann.sees(row.getByText("a letter went to this address a moment ago"), "that she has to wait");
  await ann.screenshot("share-mailed");
  await followsLink(cleo);
  await entersAs(cleo, "Cleo Lee");
  await cleo.sees(cleo.page.locator(".invitation", { hasText: "Posted" }).getByRole("button", { name: "Decline" }), "the choice");
  await cleo.accepts("Posted");
  await ann.sees(dialog.getByText("2 members"), "that Cleo came");
});
