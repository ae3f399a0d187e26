import { existsSync, globSync, statSync } from "node:fs";
import { build } from "vite";

/*
 * Builds the page where it is not built yet, or is older than its sources.
 * `npm start` runs it first; `npm run build` runs it with --always.
 */
const here = `${import.meta.dirname}/`;
const built = `${here}../server/dist/page/index.html`;

const sources = ["src/**/*.*", "*.{html,ts,json}", "../client/src/**/*.ts", "../protocol/src/**/*.ts"];

function isFresh(): boolean {
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return globSync(sources, { cwd: here }).every((file) => statSync(`${here}${file}`).mtimeMs <= builtAt);
}

if (process.argv.includes("--always") || !isFresh())
  await build({ configFile: `${here}vite.config.ts`, logLevel: "warn" });
