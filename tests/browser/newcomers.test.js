// Somebody who knows the address of a book asks to be let in; a book changes hands.
import { isAccessible, staysInside } from "./harness/accessible.js";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

story("whoever has the address of a book asks its owner, who lets them in as what they choose", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  const kit = await town.person("Kit");
  await kit.page.goto(ann.page.url());
  await kit.page.getByLabel("Say who you are").fill("I drew the maps.");
  await kit.screenshot("ask-access");
  await isAccessible(kit, "the question");
  await kit.page.getByRole("button", { name: "Ask to be let in" }).click();
  await kit.sees(kit.page.getByText("its owner has been asked"), "that the owner is asked");
  await ann.sees(ann.page.getByText("Kit Lee asks to be let into"), "who asks", PROMISED_MS);
  await ann.page.getByRole("button", { name: "Share" }).click();
  await ann.sees(ann.page.getByText("“I drew the maps.”"), "why");
  await ann.screenshot("requests");
  await isAccessible(ann, "who asks");
  await ann.page.setViewportSize({ width: 360, height: 740 });
  await staysInside(ann, "who asks, on a phone");
  await ann.screenshot("requests-on-a-phone");
  await ann.page.setViewportSize({ width: 1360, height: 860 });
  await ben.page.getByRole("button", { name: "Members" }).click();
  await ben.seesNoMore(ben.page.getByText("Asking to be let in"), "who asks");
  await ann.page.getByLabel("Role for Kit Lee").selectOption("Editor");
  await ann.page.getByRole("button", { name: "Let in Kit Lee" }).click();
  await ann.seesNoMore(ann.page.getByText("Asking to be let in"), "the request", PROMISED_MS);
  await kit.sees(kit.page.getByText(`Ann Lee let you into “${title}” as an editor.`), "that she is in", PROMISED_MS);
  await kit.page.getByRole("link", { name: "Back to your books" }).click();
  await kit.page.getByRole("link", { name: new RegExp(title) }).click();
  await kit.sees(kit.row("Noon"), "the chapters");
});

story("an owner offers the book to a member, who becomes its owner", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.page.getByRole("button", { name: "Share" }).click();
  await ann.page.getByRole("button", { name: "Offer the book to Ben Lee…" }).click();
  await ann.page.getByRole("button", { name: "Offer the book", exact: true }).click();
  await ann.sees(ann.page.getByText("The book is offered to Ben Lee."), "the offer", PROMISED_MS);
  await ann.screenshot("offer");
  await ben.page.getByRole("button", { name: "Members" }).click();
  await ben.sees(ben.page.getByText("you would be its owner. The offer lapses in 7 days"), "the offer", PROMISED_MS);
  await ben.screenshot("offered");
  await isAccessible(ben, "the offer");
  await ben.page.getByRole("button", { name: "Become the owner" }).click();
  await ben.sees(ben.page.getByLabel("Role of Ann Lee"), "that he decides now", PROMISED_MS);
  await ann.seesNoMore(ann.page.getByLabel("Role of Ben Lee"), "a choice of his role", PROMISED_MS);
});
