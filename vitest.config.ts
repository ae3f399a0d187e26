import { defineConfig } from "vitest/config";

/** `npm test`: everything that needs nothing but Node. Suites with other suffixes run in `.ci/run`. */
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.{pg,nats,browser,crash,slow}.test.ts"],
    setupFiles: ["./vitest.setup.ts"],
    testTimeout: 60_000,
    pool: "threads",
    // Files share a worker's modules: reading them anew for each of a hundred files takes longer than the tests.
    isolate: false,
    // One more than there are cores where the suite runs: many tests wait for a process or a socket.
    maxWorkers: 3,
  },
});
