// The OpenAPI document of the hub's HTTP API, judged by the schema of its standard.

import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";

const text = readFileSync(new URL("../../openapi.json", import.meta.url), "utf8");

test("the document is OpenAPI 3.1", async () => {
  const validator = new Validator();
  expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("a document without its paths' answers is not", async () => {
  const broken = JSON.parse(text);
  broken.paths["/v1/users"].get.responses = [];
  expect((await new Validator().validate(broken)).valid).toBe(false);
});
