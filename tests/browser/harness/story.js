// A story: people before a real hub, each in a browser context of their own. What goes wrong in a page fails it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Hub } from "./hub.js";
import { Person } from "./person.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const STORY_MS = 60_000;

let hub;
let browser;
let books = 0;

before(async () => {
  hub = await Hub.start();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

after(async () => {
  await browser?.close();
  await hub?.stop();
});

class Town {
  people = [];
  /** What may be said on the console in this story, such as that the hub is away. */
  expected = [];

  get hub() {
    return hub;
  }

  /** Somebody with an empty tab. */
  async visitor(name, options) {
    const person = await Person.arrive(browser, hub, name, options);
    this.people.push(person);
    return person;
  }

  async person(name, options) {
    const person = await this.visitor(name, options);
    await person.signIn();
    return person;
  }

  /** Two people in a book that Ann owns; both see its chapters. */
  async bookOfTwo({ role = "author", chapters = ["Dawn", "Noon", "Dusk"] } = {}) {
    books += 1;
    const title = `Almanac ${books}`;
    const ann = await this.person("Ann");
    const ben = await this.person("Ben");
    await ann.createBook(title, chapters);
    await ann.invites(ben, role);
    await ben.accepts(title);
    for (const chapter of chapters) await ben.sees(ben.row(chapter), `the chapter ${chapter}`);
    return { ann, ben, title };
  }

  problems() {
    const said = this.people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
    return said.filter((problem) => !this.expected.some((pattern) => pattern.test(problem)));
  }
}

export function story(name, tell) {
  test(name, { timeout: STORY_MS }, async () => {
    const town = new Town();
    try {
      await tell(town);
      assert.deepEqual(town.problems(), [], "the pages report problems");
    } catch (error) {
      const file = name.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
      for (const person of town.people.filter(({ page }) => !page.isClosed())) {
        await person.screenshot(`failed-${file}-${person.name.toLowerCase()}`);
      }
      throw error;
    } finally {
      for (const person of town.people) await person.context.close();
    }
  });
}
