import { expect, test } from "vitest";
import { faults } from "./faults.ts";
import { searchFor } from "./planting.ts";

const seeds = 1_000;
const searchMaxMs = 120_000;

test.each(faults)(
  `within ${seeds} runs it is found when $name`,
  async (fault) => {
    const { code, story } = await searchFor(fault, { args: ["--seeds", String(seeds)], searchMaxMs });
    expect(code, story.slice(-2_000)).toBe(1);
    expect(story.split("\n")[0]).toContain(fault.says);
    expect(story).toContain("path ");
  },
  searchMaxMs + 10_000,
);
