import { expect, test } from "vitest";
import { simulate } from "./run.ts";

const seeds = 300;

test(`whatever befalls the server, SPEC.md holds (${seeds} runs)`, async () => {
  const { runs, fault } = await simulate({ seeds, seed: 1 });
  expect(fault, fault).toBeUndefined();
  expect(runs).toBe(seeds);
}, 600_000);
