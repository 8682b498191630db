// Whose task a chapter is: everybody sees it, and it allows nothing.
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

story("a chapter becomes somebody's task until a day, and nobody's again, before everybody's eyes", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ann.page.getByRole("button", { name: "Organise Noon" }).click();
  await ann.page.getByRole("menuitem", { name: "Assign…" }).click();
  const dialog = ann.page.getByRole("dialog", { name: "Whose task is “Noon”?" });
  await dialog.getByLabel("For").selectOption("Ben Lee");
  await dialog.getByLabel("Until").fill("2020-03-03");
  await ann.screenshot("task-dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await ann.seesNoMore(dialog, "the dialog");
  await ann.sees(ann.row("Noon").locator(".chapter-task.late", { hasText: "for Ben Lee, until" }), "whose task it is, and that it is late");
  await ben.sees(ben.row("Noon").locator(".chapter-task", { hasText: "for you, until" }), "that it is his", PROMISED_MS);
  await ben.screenshot("task");
  // It is hers to write in all the same.
  await ann.writes("Noon");
  await ann.page.getByRole("button", { name: "Organise Noon" }).click();
  await ann.page.getByRole("menuitem", { name: "Assign…" }).click();
  await dialog.getByLabel("For").selectOption("Nobody");
  await dialog.getByRole("button", { name: "Save" }).click();
  await ben.seesNoMore(ben.row("Noon").locator(".chapter-task"), "the task", PROMISED_MS);
});
