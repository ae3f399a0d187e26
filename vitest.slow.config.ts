import { defineConfig } from "vitest/config";

/**
 * `npm run test:slow`: whole programs, started and stopped, and the server
 * killed at random instants under load (CRASH_ROUNDS and CRASH_SEED choose).
 * Like `npm test` it needs nothing but Node; it only takes longer.
 */
export default defineConfig({
  test: { include: ["packages/*/src/**/*.{slow,crash}.test.ts"], testTimeout: 60_000, pool: "threads" },
});
