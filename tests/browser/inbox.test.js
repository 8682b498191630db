// The inbox: what concerns somebody reaches them wherever they are, and leads where it happened.
import assert from "node:assert/strict";
import { isAccessible, staysInside } from "./harness/accessible.js";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

const PHONE = { width: 360, height: 740 };

function bell(person, label) {
  return person.page.getByRole("button", { name: label, exact: true });
}

function entries(person) {
  return person.page.getByRole("list", { name: "Notices" }).getByRole("listitem");
}

async function comments(person, chapter, text) {
  await person.views(chapter);
  const margin = person.page.getByRole("complementary", { name: "Comments" });
  await margin.getByRole("button", { name: "On the chapter" }).click();
  await margin.getByLabel("Your comment").fill(text);
  await margin.getByRole("button", { name: "Comment", exact: true }).click();
  await person.sees(person.page.locator(".thread", { hasText: text }), "the comment");
}

async function answers(person, thread, text) {
  await thread.getByRole("button", { name: "Reply", exact: true }).click();
  await thread.getByLabel("Your reply").fill(text);
  await thread.getByRole("button", { name: "Reply", exact: true }).click();
  await person.sees(thread.getByText(text), "the answer");
}

async function readsAll(person) {
  await person.page.getByRole("button", { name: /^Notices/ }).click();
  const all = person.page.getByRole("button", { name: "Mark all as read" });
  if (await all.isEnabled()) await all.click();
  await person.sees(person.page.getByText("Nothing new."), "that all is read");
  await person.page.keyboard.press("Escape");
}

story("an answer reaches whoever began the thread in all tabs, and leads to it", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  await readsAll(ben);
  await comments(ben, "Noon", "Is this right?");
  await ben.goesToLibrary();
  const other = await ben.anotherTab();
  await ben.sees(bell(ben, "Notices"), "that nothing is new");

  await ann.views("Noon");
  const thread = ann.page.locator(".thread", { hasText: "Is this right?" });
  await answers(ann, thread, "It is, since noon.");

  await ben.sees(ben.toasts.getByText(`Ann Lee answered in a thread of yours in “Noon” of “${title}”.`), "a word", PROMISED_MS);
  await ben.sees(bell(ben, "Notices, 1 new one"), "the count", PROMISED_MS);
  await other.sees(bell(other, "Notices, 1 new one"), "the count in his other tab", PROMISED_MS);
  await ben.screenshot("inbox-toast");

  await bell(ben, "Notices, 1 new one").focus();
  await ben.page.keyboard.press("Enter");
  await ben.sees(entries(ben).first().getByText("It is, since noon."), "what was answered");
  await isAccessible(ben, "the inbox");
  await ben.screenshot("inbox-light");
  await ben.turnsDark();
  await isAccessible(ben, "the inbox in the dark");
  await ben.screenshot("inbox-dark");
  await ben.page.setViewportSize(PHONE);
  await staysInside(ben, "the narrow inbox");
  await ben.screenshot("inbox-narrow");
  await ben.page.setViewportSize({ width: 1280, height: 800 });

  await entries(ben).first().getByRole("button").click();
  await ben.sees(ben.page.locator(".thread", { hasText: "It is, since noon." }), "the thread");
  await other.sees(bell(other, "Notices"), "that it is read there, too", PROMISED_MS);
});

story("who is away finds what happened, and marks all as read", async (town) => {
  const { ann, ben, title } = await town.bookOfTwo();
  await readsAll(ben);
  await comments(ben, "Dawn", "First");
  await ben.page.goto("about:blank");
  await ann.views("Dawn");
  const thread = ann.page.locator(".thread", { hasText: "First" });
  for (const answer of ["Second", "Third"]) await answers(ann, thread, answer);
  await ben.page.goto(ben.hub.url);
  await ben.sees(bell(ben, "Notices, 2 new ones"), "what happened meanwhile");
  await bell(ben, "Notices, 2 new ones").click();
  const answered = entries(ben).filter({ hasText: `“Dawn” of “${title}”` });
  await ben.sees(answered.nth(1), "both answers");
  assert.equal(await answered.count(), 2);
  await ben.page.getByRole("button", { name: "Mark all as read" }).click();
  await ben.sees(ben.page.getByText("Nothing new."), "that all is read");
  await ben.page.keyboard.press("Escape");
  await ben.sees(bell(ben, "Notices"), "no count");
});

async function opensChoice(person) {
  await person.page.getByRole("button", { name: /^Notices/ }).click();
  await person.page.getByText("What I am told", { exact: true }).click();
  return person.page.getByRole("table", { name: "What I am told" });
}

story("somebody chooses by which channels they are told, and the library's owner by which anybody is", async (town) => {
  const ann = await town.person("Ann");
  const ben = await town.person("Ben");
  const mine = await opensChoice(ann);
  await ann.page.getByText("What anybody may be told").click();
  const all = ann.page.getByRole("table", { name: "What anybody may be told" });
  const idle = "A chapter was released for inactivity";
  await all.getByLabel(`${idle}: anybody in the bell`).uncheck();
  await ann.sees(mine.getByLabel(`${idle}: in the bell`).and(ann.page.locator(":disabled")), "that nobody is told in the bell");
  await ann.sees(mine.getByText("The bell is switched off for everybody"), "why");
  await all.getByLabel(`${idle}: anybody by mail`).uncheck();
  await ann.sees(mine.getByLabel(`${idle}: by mail`).and(ann.page.locator(":disabled")), "that nobody is mailed");
  await isAccessible(ann, "the choice");
  await ann.screenshot("inbox-choice");
  await ann.page.setViewportSize(PHONE);
  const over = await ann.page.evaluate(() => {
    const dialog = document.querySelector("dialog[open]");
    const overflows = (one) => one.scrollWidth > one.clientWidth && one.clientWidth > 1 && getComputedStyle(one).overflowX !== "visible";
    return [document.documentElement, dialog, ...dialog.querySelectorAll("*")].filter(overflows).map((one) => one.className || one.tagName);
  });
  assert.deepEqual(over, [], "a narrow page does not scroll sideways");
  await ann.screenshot("inbox-choice-narrow");
  await ann.page.setViewportSize({ width: 1280, height: 800 });

  const bens = await opensChoice(ben);
  await ben.sees(bens.getByText("It is switched off for everybody"), "that it is off");
  await bens.getByLabel("Mentions of me: in the bell").uncheck();
  await bens.getByLabel("Mentions of me: by mail").selectOption("Daily");
  await ben.sees(bens.getByLabel("Mentions of me: by mail").and(ben.page.locator(":enabled")), "that it is kept");
  // Where mailed letters lead.
  await ben.page.goto(`${ben.hub.url}/#/notices`);
  await ben.page.reload();
  await ben.sees(bens.getByLabel("Answers in my threads: in the bell").and(ben.page.locator(":checked")), "what he is told");
  assert.ok(!(await bens.getByLabel("Mentions of me: in the bell").isChecked()), "it is kept");
  assert.equal(await bens.getByLabel("Mentions of me: by mail").inputValue(), "daily");
  await ben.page.keyboard.press("Escape");
  await ben.page.waitForURL(/#\/$/);
  await all.getByLabel(`${idle}: anybody in the bell`).check();
  await ann.sees(mine.getByLabel(`${idle}: in the bell`).and(ann.page.locator(":enabled")), "that it is on again");
});
