import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type House, readSource, type Workspace } from "./source.ts";

const skipped = new Set(["node_modules", "dist", "data", "coverage"]);
const roots = ["packages", "examples", "bench", "tidy", "docs"];

/** Reads the checkout. It never answers with an empty house: nothing looked at is nothing proven. */
export function openHouse(root: string): House {
  const paths = roots
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => pathsUnder(root, folder));
  const sources = paths
    .filter(isSource)
    .map((path) => readSource(path, readFileSync(join(root, path), "utf8")));
  if (sources.length === 0)
    throw new Error(`no sources under ${roots.join(", ")}: is this the root of the checkout?`);
  const workspaces = paths
    .filter((path) => path.endsWith("/package.json"))
    .map((path) => readWorkspace(path, readFileSync(join(root, path), "utf8")));
  return { sources, workspaces, paths };
}

/** Reads a package.json; what `exports` and `bin` name are its entries. */
export function readWorkspace(path: string, text: string): Workspace {
  const manifest: unknown = JSON.parse(text);
  const folder = path.slice(0, -"/package.json".length);
  const entries = new Map<string, string>();
  for (const [name, target] of [...fieldsOf(manifest, "exports"), ...fieldsOf(manifest, "bin")]) {
    for (const file of filesIn(target)) entries.set(name, join(folder, file));
  }
  return { name: nameOf(manifest), folder, entries };
}

function pathsUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((item) => {
    const path = `${folder}/${item.name}`;
    if (item.name.startsWith(".") || skipped.has(item.name)) return [];
    return item.isDirectory() ? [path, ...pathsUnder(root, path)] : [path];
  });
}

function isSource(path: string): boolean {
  return /\.tsx?$/u.test(path) && !path.endsWith(".d.ts");
}

function fieldsOf(manifest: unknown, field: string): [string, unknown][] {
  if (typeof manifest !== "object" || manifest === null) return [];
  const value: unknown = Reflect.get(manifest, field);
  if (typeof value === "string") return [[".", value]];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** The files of an export: one, or one per condition. */
function filesIn(target: unknown): string[] {
  if (typeof target === "string") return [target];
  return typeof target === "object" && target !== null ? Object.values(target).flatMap(filesIn) : [];
}

function nameOf(manifest: unknown): string {
  const named =
    typeof manifest === "object" && manifest !== null && "name" in manifest ? manifest.name : undefined;
  return typeof named === "string" ? named : "";
}
