// What everybody needs of a page: rules of accessibility, and no scrolling sideways.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function isAccessible(person, where) {
  // Evaluated, not added to the page: its content security policy allows no such script.
  await person.page.evaluate(AXE);
  const violations = await person.page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
  });
  assert.deepEqual(violations, [], where);
}

export async function staysInside(person, where) {
  const over = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${where} scrolls sideways by ${over} px`);
}
