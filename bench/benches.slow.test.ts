import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { names } from "./benches.ts";

const run = promisify(execFile);
const main = fileURLToPath(new URL("main.ts", import.meta.url));
const bufferMax = 64 * 2 ** 20;

type Figures = Record<string, number>;
type Report = {
  bench: string;
  machine: { versions: { node: string } };
  results: { name: string; median: Figures; rounds: Figures[] }[];
  verdicts: { value: number }[];
  leavesOut: string[];
};

/** Peers that a machine may not have; without them the bench says which package is missing. */
const missing = /(?:Redis|PostgreSQL|nats-server) is missing: apt-get install \S+/u;

describe("every bench, small", () => {
  // Whether the figures are good is not asked here: that is for a quiet machine, and for people.
  it.each(names)("%s gives figures as JSON", { timeout: 180_000 }, async (name) => {
    const report = await reportOf(name);
    if (report === "a peer is missing") return;
    expect(report.bench).toBe(name);
    expect(report.machine.versions.node).toBe(process.versions.node);
    expect(report.leavesOut.length).toBeGreaterThan(0);
    expect(report.results.length).toBeGreaterThan(0);
    for (const { median, rounds } of report.results) {
      expect(rounds.length).toBeGreaterThan(0);
      const figures = Object.values(median);
      expect(figures.length).toBeGreaterThan(0);
      expect(figures.filter((figure) => !Number.isFinite(figure))).toEqual([]);
    }
    expect(report.verdicts.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  });

  it("names them all when none is named", async () => {
    await expect(run(process.execPath, [main])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(names.join(", ")),
    });
  });
});

async function reportOf(name: string): Promise<Report | "a peer is missing"> {
  try {
    const { stdout } = await run(process.execPath, [main, name, "--quick"], { maxBuffer: bufferMax });
    return JSON.parse(stdout) as Report;
  } catch (error) {
    if (error instanceof Error && missing.test(error.message)) return "a peer is missing";
    throw error;
  }
}
