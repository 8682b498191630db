import { expect, it } from "vitest";

import { colour, initials } from "../src/index.js";

// The vectors of `protocol/src/person/tests.rs`.
it.each([
  ["Ann Lee", "AL"],
  ["ann", "A"],
  ["Gabriel José García Márquez", "GM"],
  ["  émile   zola ", "ÉZ"],
  ["E\u0301mile Zola", "E\u0301Z"],
  ["村上 春樹", "村春"],
  ["ann (she) -", "AS"],
  ["42", "4"],
  ["", "?"],
  ["— ?!", "?"],
])("shows %j as %j", (name, letters) => {
  expect(initials(name)).toBe(letters);
});

it.each([
  ["u1", "#4f6700"],
  ["u2", "#7a5900"],
  ["ann", "#5145cd"],
])("colours %j %s", (user, expected) => {
  expect(colour(user)).toBe(expected);
});
