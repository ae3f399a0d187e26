import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engines, openEngines } from "./testing/cluster/cluster.ts";
import { type CaseName, harmCases } from "./testing/cluster/harms.ts";
import { play } from "./testing/cluster/play.ts";
import { faultsIn, type Row, tableOf } from "./testing/cluster/table.ts";

/** `npm run chaos` is the same for a night, with outages as long as they are. */
const seed = Number(process.env["CRASH_SEED"] ?? 1);
const names = Object.keys(harmCases) as CaseName[];
/** A case takes some 20 s on a quiet machine. */
const caseMaxMs = 240_000;
/** The aim is 5 s, which a quiet machine holds; this is far more than anything but a fault takes. */
const takeOverMaxMs = 20_000;

const rows: Row[] = [];
let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
});
afterAll(async () => {
  await engines.close();
  process.stdout.write(`${tableOf(rows)}\n`);
});

test.each(names)(
  "several servers under load: %s",
  async (name) => {
    const harmCase = harmCases[name];
    const hear = (): void => undefined;
    const row = { name, seed, ...(await play({ harmCase, engines, seed, isBrief: true, hear })) };
    rows.push(row);
    expect(faultsIn(row)).toEqual([]);
    expect(row.calls).toBeGreaterThan(8);
    expect(Math.max(0, ...row.takeOversMs)).toBeLessThan(takeOverMaxMs);
  },
  caseMaxMs,
);
