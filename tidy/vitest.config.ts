import { defineConfig } from "vitest/config";

/** `npm run tidy`: the house rules, run over the checkout, and the rules' own tests. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: ["tidy/**/*.test.ts"],
    disableConsoleIntercept: true,
    isolate: false,
  },
});
