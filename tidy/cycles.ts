import { openingsOf, targetOf } from "./openings.ts";
import type { House } from "./source.ts";

/** Rule 2: no circles of files. Types count too: two such files cannot be read one without the other. */
export function checkCycles(house: House): string[] {
  const doors = new Map(house.sources.map((source) => [source.path, doorsOf(house, source.path)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) circles.push([...way.slice(start), path].join(" → "));
    if (start !== -1 || done.has(path)) return;
    for (const next of doors.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of doors.keys()) visit(path, []);
  return circles.map((circle) => `${circle} is a circle; move what both need into a file of its own`);
}

function doorsOf(house: House, path: string): string[] {
  const source = house.sources.find((one) => one.path === path);
  if (source === undefined) return [];
  const imports = openingsOf(source).filter(({ how }) => how === "import");
  const targets = imports.map(({ specifier }) => targetOf(house, source, specifier));
  return [...new Set(targets.filter((target) => target !== undefined))];
}
