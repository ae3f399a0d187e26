import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { expect, it } from "vitest";

const path = join(import.meta.dirname, "../../../docs/reference/asyncapi.json");

it("the AsyncAPI document is valid, by the AsyncAPI initiative's own parser", async () => {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
  const errors = diagnostics.filter(({ severity }) => severity.valueOf() === 0);
  expect(errors.map(({ path: at, message }) => `${at.join("/")}: ${message}`)).toEqual([]);
  expect(document?.version()).toBe("3.0.0");
  expect(document?.operations().length).toBe(6);
});
