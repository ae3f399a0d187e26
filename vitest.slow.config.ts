import { defineConfig } from "vitest/config";

/**
 * `npm run test:slow`: whole programs, started and stopped, and the server
 * killed at random instants under load (CRASH_ROUNDS and CRASH_SEED choose).
 * It needs Node, and for two suites strace and the right to mount a small disk:
 * without these they are passed over with a line, except in CI. Random inputs
 * are chosen by FUZZ_RUNS and FUZZ_SEED.
 */
export default defineConfig({
  test: {
    include: ["{packages/*/src,bench,examples}/**/*.{slow,crash}.test.ts"],
    testTimeout: 60_000,
    // Processes, not threads: Node now and then never ends a thread whose file has left something open, and spins in it.
    pool: "forks",
  },
});
