import { browser, workspaces } from "./doors.ts";
import { type Opening, openingsOf, targetOf } from "./openings.ts";
import { at, type House, isForTests, type Source, type Workspace } from "./source.ts";

/** Rule 2, between packages: only the packages of the table, and only by their published entries. */
export function checkPackages(house: House): string[] {
  return house.sources.flatMap((source) => {
    const own = house.workspaces.find(({ folder }) => source.path.startsWith(`${folder}/`));
    if (own === undefined) return [];
    return openingsOf(source).flatMap((opening) => checkOpening(house, { source, own, opening }) ?? []);
  });
}

type Step = { source: Source; own: Workspace; opening: Opening };

function checkOpening(house: House, { source, own, opening }: Step): string | undefined {
  const where = at(source, opening.line);
  const { specifier } = opening;
  const target = targetOf(house, source, specifier);
  if (target !== undefined) {
    if (target.startsWith(`${own.folder}/`)) return undefined;
    return `${where} leaves its package by ${specifier}; open the other package by its name and published entry`;
  }
  if (
    specifier.startsWith("node:") &&
    browser.some((part) => source.path.startsWith(part)) &&
    !isForTests(source.path)
  ) {
    return `${where} opens ${specifier}, but ${own.folder} also runs in a browser; use what the web platform has`;
  }
  const other = house.workspaces.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (other === undefined || other === own) return undefined;
  if (!other.entries.has(`.${specifier.slice(other.name.length)}`)) {
    return `${where} opens ${specifier}, which ${other.name} does not publish; use an entry of its package.json "exports"`;
  }
  if (isForTests(source.path) || doorsOf(own).includes(other.name)) return undefined;
  return `${where}: ${own.folder} may not open ${other.name}; it may open ${listOf(doorsOf(own))} (tidy/doors.ts)`;
}

function doorsOf({ folder }: Workspace): readonly string[] {
  return workspaces[folder] ?? workspaces[folder.replace(/\/[^/]+$/u, "/*")] ?? [];
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none of our packages" : names.join(", ");
}
