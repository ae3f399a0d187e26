import { defineConfig } from "vitest/config";

/** `npm run test:browser`: the page in Debian's chromium, against a server of its own. */
export default defineConfig({
  test: {
    include: ["packages/console/src/**/*.browser.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
