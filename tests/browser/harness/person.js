// One person before one tab of a real browser: what they do, in the page's own words.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const SCREENSHOTS = fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));

/** What the page promises to show, it shows within this time. */
export const PROMISED_MS = 1_000;

function exactly(text) {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
}

/** What each block of the chapter in view says, without what is only drawn over it, such as carets. */
export function blocks(person) {
  return person.page.locator(".prose .ProseMirror").evaluate((root) => [...root.children].map((block) => block.textContent));
}

export class Person {
  /** Console errors, uncaught exceptions and violations of the content security policy. */
  problems = [];

  constructor(name, context, page, hub) {
    this.name = name;
    this.email = `${name.toLowerCase()}@example.org`;
    this.context = context;
    this.page = page;
    this.hub = hub;
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.message}`));
    page.on("console", (said) => {
      if (said.type() === "error") this.problems.push(`console: ${said.text()} (${said.location().url})`);
    });
  }

  static async arrive(browser, hub, name, options = {}) {
    const context = await browser.newContext({
      viewport: { width: 1360, height: 860 },
      locale: "en-GB",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(10_000);
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`);
      });
    });
    const page = await context.newPage();
    return new Person(name, context, page, hub);
  }

  /** The same person in another tab. */
  async anotherTab() {
    const page = await this.context.newPage();
    const tab = new Person(this.name, this.context, page, this.hub);
    await tab.signIn();
    return tab;
  }

  async signIn() {
    await this.page.goto(this.hub.url);
    await this.page.getByLabel("Your name").fill(`${this.name} Lee`);
    await this.page.getByLabel("Your e-mail address").fill(this.email);
    await this.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await this.page.getByRole("heading", { name: "Your books" }).waitFor();
  }

  /** Waits for what must become visible, and says whose promise was broken if it does not. */
  async sees(locator, what, within_ms = 10_000) {
    await locator.first().waitFor({ state: "visible", timeout: within_ms }).catch(() => {
      throw new Error(`${this.name} does not see ${what} within ${within_ms} ms`);
    });
  }

  async seesNoMore(locator, what, within_ms = 10_000) {
    await locator.first().waitFor({ state: "hidden", timeout: within_ms }).catch(() => {
      throw new Error(`${this.name} still sees ${what} after ${within_ms} ms`);
    });
  }

  // The library

  cover(title) {
    return this.page.locator(".book-card", { has: this.page.locator(".cover-title", { hasText: exactly(title) }) });
  }

  async createBook(title, chapters = []) {
    await this.page.getByRole("button", { name: "New book" }).click();
    await this.page.getByLabel("Title").fill(title);
    await this.page.getByRole("button", { name: "Create" }).click();
    await this.page.locator(".title-page h1", { hasText: title }).waitFor();
    for (const chapter of chapters) await this.addChapter(chapter);
  }

  async openBook(title) {
    await this.cover(title).click();
    await this.page.getByRole("navigation", { name: "Chapters", exact: true }).waitFor();
  }

  async accepts(title) {
    const card = this.page.locator(".invitation", { hasText: title });
    await this.sees(card, `the invitation to ${title}`, PROMISED_MS);
    await card.getByRole("button", { name: "Accept" }).click();
    await this.sees(this.cover(title), `${title} among the books`);
    await this.openBook(title);
  }

  async goesToLibrary() {
    await this.page.getByRole("link", { name: "quire: all my books" }).click();
    await this.page.getByRole("heading", { name: "Your books" }).waitFor();
  }

  // The chapters

  row(title) {
    return this.page.locator(".chapter-row", { has: this.page.locator(".chapter-name", { hasText: exactly(title) }) });
  }

  title(title) {
    return this.row(title).locator(".chapter-title");
  }

  holder(title) {
    return this.row(title).locator(".holder .avatar");
  }

  async addChapter(title) {
    await this.page.getByRole("button", { name: "Add", exact: true }).click();
    const form = this.page.getByRole("form", { name: "Add a chapter" });
    await form.getByLabel("Title").fill(title);
    await form.getByRole("button", { name: "Add", exact: true }).click();
    // The event of the chapter comes before the answer that closes the form.
    await form.waitFor({ state: "hidden" });
    await this.row(title).waitFor();
  }

  async views(title) {
    await this.title(title).click();
    await this.page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
  }

  async writes(title) {
    await this.views(title);
    await this.lockBar.getByRole("button", { name: "Write" }).click();
    await this.sees(this.lockBar.getByText("You hold this chapter"), `that they hold ${title}`);
  }

  get lockBar() {
    return this.page.getByRole("region", { name: "Who writes here" });
  }

  get toasts() {
    return this.page.locator(".toast");
  }

  // People

  async openShare() {
    await this.page.getByRole("button", { name: "Share" }).click();
    return this.page.getByRole("dialog");
  }

  async invites(person, role = "author") {
    const dialog = await this.openShare();
    await dialog.getByLabel("E-mail address").fill(person.email);
    await dialog.getByLabel("Role", { exact: true }).selectOption(role);
    await dialog.getByRole("button", { name: "Invite", exact: true }).click();
    await dialog.locator(`[data-invitation="${person.email}"]`).waitFor();
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
  }

  /** Holds a chapter, types these words into it, and gives it back when they are saved. */
  async adds(chapter, words) {
    await this.writes(chapter);
    await this.page.getByRole("textbox", { name: chapter }).click();
    await this.page.keyboard.type(words);
    await this.sees(this.lockBar.getByText("Saved"), "that it is saved");
    await this.lockBar.getByRole("button", { name: "Release" }).click();
    await this.sees(this.lockBar.getByText("Nobody is writing here."), "that the chapter is free");
  }

  /** Moves the caret by a key. The editor hears of it with the next frame: what is typed before would stand elsewhere. */
  async movesCaret(key) {
    await this.page.keyboard.press(key);
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Draws the page in the dark, and waits until all of it has its new colours: some take a moment to change. */
  async turnsDark() {
    await this.page.evaluate(async () => {
      document.documentElement.dataset.theme = "dark";
      const changing = () => document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      for (let under = changing(); under.length > 0; under = changing()) {
        await Promise.allSettled(under.map((transition) => transition.finished));
      }
    });
  }

  async screenshot(name) {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  }
}
