import { posix } from "node:path";
import type { House, Source } from "./source.ts";
import { child, children, lineOf, type Node, textOf, walk } from "./syntax.ts";

/** One place where a file opens another. */
export type Opening = {
  specifier: string;
  line: number;
  /** Only types come through it: nothing of the other file runs. */
  typesOnly: boolean;
  /** `url` is `new URL("./worker.ts", import.meta.url)`: a door, though not an import. */
  how: "import" | "url";
};

const found = new WeakMap<Source, Opening[]>();

export function openingsOf(source: Source): Opening[] {
  const known = found.get(source);
  if (known !== undefined) return known;
  const openings: Opening[] = [];
  walk(source.program, (node) => {
    const opening = openingAt(node);
    if (opening !== undefined) openings.push(opening);
  });
  found.set(source, openings);
  return openings;
}

/** The path that a relative specifier leads to; `undefined` for a package. */
export function targetOf(house: House, source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = posix.join(posix.dirname(source.path), specifier);
  const known = [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`];
  return (
    known.find((candidate) => house.sources.some(({ path: existing }) => existing === candidate)) ?? path
  );
}

function openingAt(node: Node): Opening | undefined {
  const line = lineOf(node);
  const specifier = textOf(child(node, "source") ?? child(node, "argument"));
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return specifier === undefined
        ? undefined
        : { specifier, line, typesOnly: isTypesOnly(node), how: "import" };
    case "ImportExpression":
      return specifier === undefined ? undefined : { specifier, line, typesOnly: false, how: "import" };
    case "TSImportType":
      return specifier === undefined ? undefined : { specifier, line, typesOnly: true, how: "import" };
    case "NewExpression": {
      const [path, base] = children(node, "arguments");
      const own =
        textOf(child(node, "callee")) === "URL" && base?.type === "MemberExpression"
          ? textOf(path)
          : undefined;
      return own?.startsWith(".") && /\.tsx?$/u.test(own)
        ? { specifier: own, line, typesOnly: false, how: "url" }
        : undefined;
    }
    default:
      return undefined;
  }
}

function isTypesOnly(node: Node): boolean {
  if (node["importKind"] === "type" || node["exportKind"] === "type") return true;
  const named = children(node, "specifiers");
  return (
    named.length > 0 && named.every((one) => one["importKind"] === "type" || one["exportKind"] === "type")
  );
}
