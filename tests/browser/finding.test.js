// Finding words in a chapter, replacing them, and seeing how long it is.
import assert from "node:assert/strict";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

function editor(person) {
  return person.page.getByRole("textbox", { name: "Dawn" });
}

function bar(person) {
  return person.page.getByRole("search", { name: "Find in the chapter" });
}

function length(person) {
  return person.page.getByRole("group", { name: "Length of the chapter" });
}

async function wroteOfRoses(town) {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await editor(ann).click();
  await ann.page.keyboard.type("A rose is a Rose.");
  await ann.page.keyboard.press("Enter");
  await ann.page.keyboard.type("Another rose.");
  await ben.sees(ben.page.getByText("Another rose."), "what Ann wrote", PROMISED_MS);
  return { ann, ben };
}

story("whoever writes finds words and replaces one or all of them, as one step", async (town) => {
  const { ann, ben } = await wroteOfRoses(town);
  const { keyboard } = ann.page;
  await keyboard.press("Control+Home");
  await keyboard.press("Control+f");
  await bar(ann).getByLabel("Find", { exact: true }).fill("rose");
  await ann.sees(bar(ann).getByText("1 of 3"), "that there are three");
  await keyboard.press("Enter");
  await ann.sees(bar(ann).getByText("2 of 3"), "the second");
  await keyboard.press("Shift+Enter");
  await ann.sees(bar(ann).getByText("1 of 3"), "the first again");
  await ann.screenshot("finding");
  await bar(ann).getByLabel("Replace with").fill("tulip");
  await bar(ann).getByRole("button", { name: "Replace", exact: true }).click();
  await ben.sees(ben.page.getByText("A tulip is a Rose."), "the one that was replaced", PROMISED_MS);
  await ann.sees(bar(ann).getByText("1 of 2"), "the next one");
  await bar(ann).getByRole("button", { name: "Match case" }).click();
  await ann.sees(bar(ann).getByText("1 of 1"), "the one with this case");
  await bar(ann).getByRole("button", { name: "Match case" }).click();
  await bar(ann).getByRole("button", { name: "Replace all" }).click();
  await ben.sees(ben.page.getByText("A tulip is a tulip."), "that all are replaced", PROMISED_MS);
  await ben.sees(ben.page.getByText("Another tulip."), "in the other paragraph too", PROMISED_MS);
  await ann.sees(bar(ann).getByText("None found"), "that none is left");
  await bar(ann).getByLabel("Find", { exact: true }).press("Escape");
  await ann.seesNoMore(bar(ann), "the bar");
  await keyboard.press("Control+z");
  await ben.sees(ben.page.getByText("Another rose."), "what was undone", PROMISED_MS);
});

story("whoever watches finds words too, and replaces nothing", async (town) => {
  const { ann, ben } = await wroteOfRoses(town);
  await ben.page.keyboard.press("Control+f");
  await bar(ben).getByLabel("Find", { exact: true }).fill("another rose");
  await ben.sees(bar(ben).getByText("1 of 1"), "what was looked for");
  assert.equal(await bar(ben).getByLabel("Replace with").count(), 0);
  await ben.sees(ben.page.locator(".found.current", { hasText: "Another rose" }), "where it is");
  await editor(ann).press("Control+End");
  await ann.page.keyboard.type(" And another rose.");
  await ben.sees(bar(ben).getByText("1 of 2"), "one more as it is typed");
  await bar(ben).getByRole("button", { name: /^Close/ }).click();
  await ben.seesNoMore(ben.page.locator(".found").first(), "what was marked");
});

story("the words of the chapter and of the selection are counted as they change", async (town) => {
  const { ann, ben } = await wroteOfRoses(town);
  for (const person of [ann, ben]) {
    await person.sees(length(person).getByText("7 words", { exact: true }), "how many words there are", PROMISED_MS);
    await person.sees(length(person).getByText("30 characters", { exact: true }), "how many characters");
  }
  await ann.page.keyboard.press("Control+Shift+ArrowLeft");
  await ann.page.keyboard.press("Control+Shift+ArrowLeft");
  await ann.sees(length(ann).getByText("1 of 7 words", { exact: true }), "how many of them are selected", PROMISED_MS);
  await ann.page.keyboard.type("lily of the valley");
  await ben.sees(length(ben).getByText("10 words", { exact: true }), "the new number", PROMISED_MS);
});
