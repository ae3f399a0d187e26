import { matchesGlob } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openHouse } from "./checkout.ts";
import { checkCycles } from "./cycles.ts";
import { workspaces } from "./doors.ts";
import { checkCasts } from "./escapes.ts";
import { checkBarrels, checkDefaultExports } from "./exports.ts";
import { checkFakes, checkSuffixes } from "./fakes.ts";
import { printFigures } from "./figures.ts";
import { checkNames } from "./names.ts";
import { checkOwned } from "./owned.ts";
import { checkPackages } from "./packages.ts";
import { checkRooms } from "./rooms.ts";
import { checkSizes } from "./sizes.ts";
import type { House } from "./source.ts";

const rules: [string, (house: House) => string[]][] = [
  ["1: the folder list is the architecture", checkNames],
  ["2: rooms open only the doors of the table", checkRooms],
  ["2: packages open only the doors of the table", checkPackages],
  ["2: no circles of files", checkCycles],
  ["2: named exports only", checkDefaultExports],
  ["2: no barrels inside a package", checkBarrels],
  ["10: small on purpose", checkSizes],
  ["12: fakes, not mocks", checkFakes],
  ["12: a test's suffix says what it needs", checkSuffixes],
  ["15: no any, no !, and only earned casts", checkCasts],
  ["15: clock, chance, timers, environment and output have one owner each", checkOwned],
];

describe("the house", () => {
  const house = openHouse(process.cwd());
  afterAll(() => printFigures(house));

  it.each(rules)("rule %s", (_, check) => {
    const broken = check(house);
    expect(broken, broken.join("\n")).toHaveLength(0);
  });

  it("has every workspace in the table of doors", () => {
    const strangers = house.workspaces.filter(
      ({ folder }) => !Object.keys(workspaces).some((row) => matchesGlob(folder, row)),
    );
    expect(strangers.map(({ folder }) => folder)).toEqual([]);
  });

  it.each(["packages/protocol/", "packages/server/", "tidy/"])("was looked at in %s", (folder) => {
    expect(house.sources.filter(({ path }) => path.startsWith(folder)).length).toBeGreaterThan(5);
  });
});
