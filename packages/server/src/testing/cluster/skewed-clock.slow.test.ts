import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { systemClock } from "../../clock.ts";

const run = promisify(execFile);
const aheadMs = 300_000;

const program = `
const steady = performance.now();
setTimeout(() => console.log(JSON.stringify({
  now: Date.now(), made: new Date().getTime(), given: new Date(7).getTime(), said: Date.parse(Date()),
  is: new Date() instanceof Date, waited: performance.now() - steady,
})), 50);`;

test("a process with a skewed clock has another time of day, and the same timers", async () => {
  const module = new URL(`skewed-clock.ts?ms=${aheadMs}`, import.meta.url).href;
  const startedAt = systemClock.now();
  const { stdout } = await run(process.execPath, ["--import", module, "--eval", program]);
  const told = JSON.parse(stdout) as Record<"now" | "made" | "given" | "said" | "waited", number>;
  for (const time of [told.now, told.made, told.said + 1_000]) {
    expect(time).toBeGreaterThanOrEqual(startedAt + aheadMs);
    expect(time).toBeLessThan(startedAt + aheadMs + 30_000);
  }
  expect(told).toMatchObject({ given: 7, is: true });
  expect(told.waited).toBeLessThan(5_000);
});
