import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Bytes of what a page needs before it shows anything, compressed. */
const firstLoadMax = 200 * 1024;

const config = new URL("../vite.config.ts", import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "offhook-built-"));
  // The test's own setting would have React built for development.
  process.env["NODE_ENV"] = "production";
  await build({ configFile: config, logLevel: "error", build: { outDir: folder } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sizeOf = (path: string): number => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length;

test("every page loads at most 200 KB at first, compressed", () => {
  const assets = readdirSync(join(folder, "assets"));
  const pages = assets.filter((name) => /-page-[\w-]+\.js$/u.test(name));
  expect(pages.length).toBeGreaterThan(8);
  const sizes = pages.map((name) => ({ name, bytes: firstLoadOf(name) }));
  const heavy = sizes.filter(({ bytes }) => bytes > firstLoadMax);
  expect(heavy, JSON.stringify(sizes)).toEqual([]);
});

/** The page, what it begins with, and what a part of it brings along. */
function firstLoadOf(part: string): number {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const named = [...html.matchAll(/\/console\/(assets\/[\w.-]+)/gu)].map(([, path = ""]) => path);
  const needed = new Set(["index.html", ...named]);
  const follow = (path: string): void => {
    needed.add(path);
    for (const [, name = ""] of readFileSync(join(folder, path), "utf8").matchAll(
      /from\s*"\.\/([\w.-]+\.js)"/gu,
    ))
      if (!needed.has(`assets/${name}`)) follow(`assets/${name}`);
  };
  for (const path of [...needed].filter((name) => name.endsWith(".js"))) follow(path);
  follow(`assets/${part}`);
  return [...needed].reduce((sum, path) => sum + sizeOf(path), 0);
}

test("nothing in it stands inline or comes from elsewhere", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/u);
  expect(html).not.toMatch(/(?:src|href)="(?!\/console\/)/u);
});
