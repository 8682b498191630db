// For everybody: small screens, keyboards, screen readers, light and dark.
import assert from "node:assert/strict";
import { isAccessible, staysInside } from "./harness/accessible.js";
import { story } from "./harness/story.js";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

story("on a phone nothing scrolls sideways", async (town) => {
  const ann = await town.person("Ann", PHONE);
  await staysInside(ann, "the library");
  await ann.screenshot("phone-library");
  await ann.openBook("Pride and Prejudice");
  await staysInside(ann, "the chapter list");
  await ann.screenshot("phone-chapters");
  await ann.views("Chapter 1");
  await ann.sees(ann.page.getByText("It is a truth universally acknowledged"), "the text");
  await staysInside(ann, "the text");
  await ann.screenshot("phone-text");
  await ann.page.getByRole("button", { name: /^Comments/ }).click();
  await staysInside(ann, "the margin");
  await ann.screenshot("phone-comments");
  await ann.openShare();
  await staysInside(ann, "the share dialog");
  await ann.screenshot("phone-share");
});

story("on a phone a chapter is written without scrolling sideways", async (town) => {
  const ann = await town.person("Ann", PHONE);
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 3");
  await ann.lockBar.getByRole("button", { name: "Write" }).click();
  const tools = ann.page.getByRole("toolbar", { name: "Format" });
  await tools.getByRole("button", { name: "Table", exact: true }).click();
  await tools.getByRole("button", { name: "Add a row below" }).click();
  await staysInside(ann, "the editor");
  await tools.getByRole("button", { name: "Footnote", exact: true }).click();
  await ann.page.keyboard.type("A note.");
  await staysInside(ann, "a footnote");
  await ann.screenshot("phone-footnote");
  await ann.page.keyboard.press("Escape");
  await tools.getByRole("button", { name: "Find and replace" }).click();
  await ann.page.getByLabel("Find", { exact: true }).fill("the");
  await staysInside(ann, "the find bar");
  const close = await ann.page.getByRole("button", { name: /^Close/ }).boundingBox();
  assert.ok(close.x + close.width <= PHONE.viewport.width, "the whole find bar is in view");
  await ann.screenshot("phone-find");
});

story("everything is done with the keyboard alone", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  const { keyboard } = ann.page;
  const focus = () => ann.page.evaluate(() => document.activeElement?.textContent ?? "");

  await ann.title("Dawn").focus();
  await keyboard.press("ArrowDown");
  assert.match(await focus(), /Noon/);
  await keyboard.press("Enter");
  await ann.page.getByRole("heading", { level: 1, name: "Noon" }).waitFor();
  assert.equal(await ann.holder("Noon").count(), 0, "opening acquires nothing");
  await keyboard.press("e");
  await ben.sees(ben.holder("Noon"), "Ann's initials beside Noon");
  await ben.sees(ben.page.getByRole("log").getByText("Ann Lee started writing in Noon"), "what a screen reader says");
  await ann.sees(ann.page.locator(".ProseMirror:focus"), "the cursor in the editor");
  await keyboard.type("The clocks struck.");
  await ben.views("Noon");
  await ben.sees(ben.page.locator(".prose").getByText("The clocks struck."), "what Ann types");
  await keyboard.press("Escape");
  await ann.sees(ann.page.locator(".chapter-title:focus", { hasText: "Noon" }), "the focus in the list again");
  await keyboard.press("Escape");
  await ben.seesNoMore(ben.holder("Noon"), "Ann's initials beside Noon");

  await keyboard.press("Alt+ArrowUp");
  await ben.sees(ben.page.locator(".chapter-row:first-child", { hasText: "Noon" }), "Noon first");
  await ann.sees(ann.page.locator(".chapter-row:first-child .chapter-title:focus"), "the focus with the moved chapter");
  await keyboard.press("F2");
  await keyboard.press("Control+a");
  await keyboard.type("High noon");
  await keyboard.press("Enter");
  await ben.sees(ben.row("High noon"), "the new title");
});

story("a dialog keeps the focus, closes with Escape and gives the focus back", async (town) => {
  const { ann } = await town.bookOfTwo();
  const share = ann.page.getByRole("button", { name: "Share" });
  await share.focus();
  await ann.page.keyboard.press("Enter");
  const dialog = ann.page.getByRole("dialog");
  await ann.sees(dialog, "the dialog");
  assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)), "the focus is inside");
  await ann.page.keyboard.press("Escape");
  await ann.seesNoMore(dialog, "the dialog");
  assert.ok(await share.evaluate((element) => element === document.activeElement), "the focus is back");
});

for (const colorScheme of ["light", "dark"]) {
  story(`no rule of accessibility is broken, contrast included, in ${colorScheme}`, async (town) => {
    const { ann, ben } = await town.bookOfTwo();
    await ann.page.emulateMedia({ colorScheme });
    await ben.writes("Dawn");
    await ann.views("Dawn");
    await ann.page.getByRole("button", { name: "On the chapter" }).click();
    await isAccessible(ann, "the book");
    await ann.screenshot(`book-${colorScheme}`);
    await ann.openShare();
    await isAccessible(ann, "the share dialog");
    await ann.page.keyboard.press("Escape");
    await ann.goesToLibrary();
    await isAccessible(ann, "the library");
    await ann.screenshot(`library-${colorScheme}`);
  });

  story(`no rule of accessibility is broken while a chapter is written, in ${colorScheme}`, async (town) => {
    const { ann, ben } = await town.bookOfTwo();
    const { keyboard } = ann.page;
    const tool = (name) => ann.page.getByRole("toolbar", { name: "Format" }).getByRole("button", { name, exact: true });
    await ann.page.emulateMedia({ colorScheme });
    await ben.page.emulateMedia({ colorScheme });
    await ann.writes("Dawn");
    await ann.page.getByRole("textbox", { name: "Dawn" }).click();
    await tool("Bold").click();
    await keyboard.type("Bold words");
    await tool("Footnote").click();
    await keyboard.type("A note.");
    await isAccessible(ann, "a footnote that is being written");
    await keyboard.press("Escape");
    await keyboard.press("Enter");
    await tool("Table").click();
    // Headers that nobody has written yet are empty.
    await tool("Header row").click();
    await keyboard.type("Words in a table");
    await isAccessible(ann, "the editor");
    await ann.screenshot(`writing-${colorScheme}`);
    await keyboard.press("Control+f");
    await ann.page.getByLabel("Find", { exact: true }).fill("words");
    await ann.page.locator(".found.current").waitFor();
    await isAccessible(ann, "the find bar");
    await keyboard.press("Escape");
    await keyboard.press("Control+/");
    await ann.page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await isAccessible(ann, "the list of shortcuts");
    await ben.views("Dawn");
    await ben.sees(ben.page.getByRole("region", { name: "Footnotes" }), "the footnote");
    await isAccessible(ben, "a chapter that is watched");
  });
}

story("the theme can be chosen, and stays", async (town) => {
  const ann = await town.person("Ann", { colorScheme: "light" });
  await ann.page.getByRole("button", { name: /^Account/ }).click();
  await ann.page.getByRole("menuitem", { name: "Dark" }).click();
  await ann.page.reload();
  await ann.page.getByRole("heading", { name: "Your books" }).waitFor();
  assert.equal(await ann.page.evaluate(() => document.documentElement.dataset.theme), "dark");
});

story("a token in the address is used and forgotten at once", async (town) => {
  const ann = await town.person("Ann");
  const token = await ann.page.evaluate(() => sessionStorage.getItem("quire.token"));
  await ann.page.evaluate(() => sessionStorage.clear());
  await ann.page.goto("about:blank");
  await ann.page.goto(`${town.hub.url}/#token=${token}`);
  await ann.page.getByRole("heading", { name: "Your books" }).waitFor();
  assert.ok(!ann.page.url().includes("token"), ann.page.url());
});

/** A chapter with two versions, in a book of one's own. */
async function twoVersions(town, colorScheme) {
  const ann = await town.person("Ann", { colorScheme });
  await ann.createBook(`Almanac in ${colorScheme}`, ["Dawn"]);
  for (const words of ["Once.", "Twice."]) {
    await ann.writes("Dawn");
    await ann.page.getByRole("textbox", { name: "Dawn" }).click();
    await ann.page.keyboard.press("Control+End");
    await ann.page.keyboard.type(words);
    await ann.lockBar.getByRole("button", { name: "Release" }).click();
    await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  }
  return { ann, dialog: ann.page.getByRole("dialog", { name: "History of “Dawn”" }) };
}

for (const colorScheme of ["light", "dark"]) {
  story(`the history is read and compared with the keyboard, and no rule is broken, in ${colorScheme}`, async (town) => {
    const { ann, dialog } = await twoVersions(town, colorScheme);
    const { keyboard } = ann.page;
    await ann.lockBar.getByRole("button", { name: "History" }).focus();
    await keyboard.press("Enter");
    const rows = dialog.locator(".version-row");
    await ann.sees(rows.nth(1), "two versions");
    await rows.first().focus();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await ann.sees(dialog.locator(".version-row[aria-current]:focus"), "the focus with the chosen version");
    await ann.sees(dialog.locator(".written p", { hasText: /^Once\.$/ }), "what it says");
    await isAccessible(ann, "a version");
    await dialog.getByRole("button", { name: "Compare" }).press("Enter");
    await dialog.getByLabel("Compare with").selectOption("now");
    await ann.sees(dialog.locator("ins", { hasText: "Twice." }), "what came since");
    await isAccessible(ann, "a comparison");
    await ann.page.setViewportSize(PHONE.viewport);
    await staysInside(ann, "the comparison");
    await isAccessible(ann, "a comparison on a phone");
    await ann.screenshot(`phone-comparison-${colorScheme}`);
    await dialog.getByRole("button", { name: "All versions" }).press("Enter");
    await ann.sees(dialog.locator(".version-row[aria-current]:focus"), "the focus with the version again");
    await staysInside(ann, "the list of versions");
    await keyboard.press("Escape");
    await ann.seesNoMore(dialog, "the history");
    await ann.sees(ann.page.locator(".history-button:focus"), "the focus on what opened it");
  });
}
