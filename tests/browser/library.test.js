// The library: who belongs to it, what they may do, and which books it has.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

async function users(person) {
  await person.page.getByRole("link", { name: "Users" }).click();
  await person.sees(person.page.getByRole("heading", { name: "Users of the library" }), "the users");
}

async function books(person) {
  await person.page.getByRole("link", { name: "Back to the books" }).click();
}

/** Ann ticks rows in the dialog that is open, and says which books or users they reach. */
function row(person, permission) {
  return person.page.locator(`[data-permission="${permission}"]`);
}

async function tick(person, permission) {
  await row(person, permission).getByRole("checkbox").check();
}

async function brings(person, title) {
  await person.createBook(title, ["Dawn"]);
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: "Bring into the library" }).click();
  await person.sees(person.toasts.getByText("is in the library"), "that it is there");
}

function listed(person, title) {
  return person.page.getByRole("list", { name: "Books of the library" }).getByRole("listitem").filter({ hasText: title });
}

story("the library is shared with two people at once; one joins, writes in its book, and loses that at once", async (town) => {
  const ann = await town.person("Ann");
  const ben = await town.person("Ben");
  await ann.sees(ann.page.getByRole("heading", { name: "Your books" }), "her books");
  await users(ann);
  await ann.page.getByRole("button", { name: "Share the library" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Share the library" });
  await dialog.getByLabel("E-mail addresses").fill(`${ben.email}, nonsense`);
  await tick(ann, "edit");
  const listing = row(ann, "list");
  assert.ok(await listing.getByRole("checkbox").isChecked(), "listing comes along");
  assert.ok(await listing.getByRole("checkbox").isDisabled());
  await ann.screenshot("library-share");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await ann.sees(dialog.getByText("is asked to join"), "that Ben is asked");
  await ann.sees(dialog.getByText("this is no address"), "what is wrong with the other");
  await dialog.getByRole("button", { name: "Close" }).last().click();

  const asked = ann.page.locator(`[data-user="${ben.email}"]`);
  await ann.sees(asked.getByText("Mailed"), "that a letter went to him", PROMISED_MS + 2_000);
  await asked.getByRole("button", { name: `Change ${ben.email}` }).click();
  await ann.page.getByRole("menuitem", { name: "Ask again" }).click();
  await ann.sees(asked.getByText("a letter went to this address a moment ago"), "that it is too early for another");
  await ann.screenshot("library-asked");
  const card = ben.page.locator(".invitation", { hasText: "asks you to join the library" });
  await ben.sees(card.getByText("Edit books"), "what he could do", PROMISED_MS);
  await ben.screenshot("library-invitation");
  await card.getByRole("button", { name: "Join" }).click();
  await ben.seesNoMore(card, "the invitation");
  await ann.sees(ann.page.locator(`[data-user="${ben.email}"]`).getByText("Joined"), "that he joined", PROMISED_MS);
  await ann.screenshot("library-users");

  await books(ann);
  await brings(ann, "The Common Book");
  await ben.sees(listed(ben, "The Common Book"), "Ann's book", PROMISED_MS);
  await ben.screenshot("library-books");
  await listed(ben, "The Common Book").getByRole("link").click();
  await ben.page.getByRole("navigation", { name: "Chapters", exact: true }).waitFor();
  await ben.writes("Dawn");
  await ann.sees(ann.holder("Dawn"), "Ben in the chapter");

  await ann.goesToLibrary();
  await users(ann);
  await ann.page.getByRole("button", { name: "Change Ben Lee" }).click();
  await ann.page.getByRole("menuitem", { name: "Permissions…" }).click();
  await row(ann, "edit").getByRole("checkbox").uncheck();
  await tick(ann, "list");
  await ann.page.getByRole("button", { name: "Save" }).click();
  await ben.sees(ben.page.getByRole("heading", { name: "Your books" }), "that the book closed", PROMISED_MS);
  await ben.sees(listed(ben, "The Common Book").getByText("Listed only"), "what is left");
});

story("a permission reaches the books of a category, and a search finds what one may list", async (town) => {
  const ann = await town.person("Ann");
  await brings(ann, "Whales");
  await ann.page.getByRole("button", { name: "This book" }).click();
  await ann.page.getByRole("menuitem", { name: "About this book" }).click();
  await ann.page.getByLabel("Categories in the library").fill("Sea");
  await ann.page.getByRole("button", { name: "Save" }).click();
  await ann.goesToLibrary();
  await brings(ann, "Woods");
  await ann.goesToLibrary();
  await users(ann);
  await ann.page.getByRole("button", { name: "Share the library" }).click();
  await ann.page.getByLabel("E-mail addresses").fill("dora@example.org");
  await tick(ann, "download");
  await ann.page.getByLabel("Download books: which").selectOption("categories");
  await ann.page.getByLabel("Download books: categories").fill("sea");
  await ann.page.getByRole("button", { name: "Share", exact: true }).click();
  await ann.sees(ann.page.getByText("is asked to join"), "that Dora is asked");

  const dora = await town.person("Dora");
  await dora.page.getByRole("button", { name: "Join" }).click();
  await dora.sees(listed(dora, "Whales"), "the book of her category");
  assert.equal(await listed(dora, "Woods").count(), 0);
  await dora.page.getByLabel("Search the library").fill("wood");
  await dora.sees(dora.page.getByText("No book fits."), "that nothing fits");
  await dora.page.getByLabel("Search the library").fill("WHA");
  await listed(dora, "Whales").getByRole("link").click();
  await dora.sees(dora.row("Dawn"), "its chapter");
});

story("users are added, found, changed, put to rest and removed", async (town) => {
  const ann = await town.person("Ann");
  await users(ann);
  await ann.page.getByRole("button", { name: "Add a user…" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Add a user" });
  await dialog.getByLabel("E-mail address").fill("cleo@example.org");
  await dialog.getByLabel("Name").fill("Cleo Lee");
  await dialog.getByLabel("Country").fill("xx");
  await dialog.getByRole("button", { name: "Add" }).click();
  await ann.sees(dialog.getByRole("alert"), "that there is no such country");
  await dialog.getByLabel("Country").fill("ke");
  await dialog.getByRole("button", { name: "Add" }).click();
  const cleos = ann.page.locator('[data-user="cleo@example.org"]');
  await ann.sees(cleos.getByText("Asked to join"), "that she is asked");
  const cleo = await town.person("Cleo");
  await cleo.page.getByRole("button", { name: "Join" }).click();
  await ann.sees(cleos.getByText("Joined"), "that she joined", PROMISED_MS);
  await ann.page.getByLabel("Search users").fill("CLEO");
  await ann.sees(ann.page.getByText("1 user", { exact: true }), "that one fits");
  await ann.page.getByLabel("Search users").fill("");
  await ann.page.getByRole("button", { name: "Change Cleo Lee" }).click();
  await ann.page.getByRole("menuitem", { name: "Deactivate" }).click();
  await cleo.sees(cleo.page.getByText("This account is disabled."), "why she is signed out", PROMISED_MS);
  await ann.sees(cleos.getByText("Inactive"), "that she rests");
  await ann.page.getByRole("button", { name: "Change Cleo Lee" }).click();
  await ann.page.getByRole("menuitem", { name: "Remove…" }).click();
  await ann.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await ann.seesNoMore(cleos, "her row");
});
