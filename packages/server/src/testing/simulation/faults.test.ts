import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faults, faultsOnPostgres } from "./faults.ts";

// They are planted in the slow suite; whoever changes what they stand on is told so here already.
test.each([...faults, ...faultsOnPostgres])("there is a place to plant: $name", ({ file, find }) => {
  const source = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  expect(source.split(find)).toHaveLength(2);
});
