import { at, type House, type Source } from "./source.ts";
import { child, children, lineOf, type Node, textOf } from "./syntax.ts";

/** Rule 2: named exports only; tools that read a config file want a default one, so those are exempt. */
export function checkDefaultExports(house: House): string[] {
  return house.sources
    .filter(({ path }) => !/\.config\.tsx?$/u.test(path))
    .flatMap((source) =>
      children(source.program, "body")
        .filter(isDefaultExport)
        .map((node) => `${at(source, lineOf(node))} exports a default; give it a name, the same everywhere`),
    );
}

/** Rule 2: no barrels. Only a package's entry, named in its package.json, may do nothing but pass on. */
export function checkBarrels(house: House): string[] {
  const entries = new Set(house.workspaces.flatMap((workspace) => [...workspace.entries.values()]));
  return house.sources
    .filter((source) => !entries.has(source.path) && isBarrel(source))
    .map(({ path }) => `${path} only passes on what others export; import from the file that has it`);
}

function isDefaultExport(node: Node): boolean {
  if (node.type === "ExportDefaultDeclaration") return true;
  return children(node, "specifiers").some(
    (one) => one.type === "ExportSpecifier" && textOf(child(one, "exported")) === "default",
  );
}

function isBarrel(source: Source): boolean {
  const body = children(source.program, "body");
  const passesOn = body.filter((node) => isReExport(node));
  const rest = body.filter((node) => !isReExport(node) && node.type !== "ImportDeclaration");
  return passesOn.length > 0 && rest.length === 0;
}

/** `export … from`, or `export { x }` of something imported: an export that declares nothing. */
function isReExport(node: Node): boolean {
  if (node.type === "ExportAllDeclaration") return true;
  return node.type === "ExportNamedDeclaration" && child(node, "declaration") === undefined;
}
