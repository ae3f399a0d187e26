import { parse } from "@babel/parser";

/** A node of the syntax tree. What fields it has depends on its type; read them with {@link child} and {@link children}. */
export type Node = { type: string; loc: { start: { line: number }; end: { line: number } } } & Record<
  string,
  unknown
>;

/** Parses TypeScript, with JSX when the path says tsx. */
export function syntaxOf(path: string, text: string): Node {
  const jsx = path.endsWith("x") ? (["jsx"] as const) : [];
  const { program } = parse(text, {
    sourceType: "module",
    sourceFilename: path,
    plugins: ["typescript", ...jsx],
    createImportExpressions: true,
    attachComment: false,
  });
  if (!isNode(program)) throw new Error(`${path} did not parse to a program`);
  return program;
}

/** Calls `visit` for a node and all below it, with the nodes above, nearest first. */
export function walk(
  node: Node,
  visit: (node: Node, above: readonly Node[]) => void,
  above: readonly Node[] = [],
): void {
  visit(node, above);
  const path = [node, ...above];
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) walk(item, visit, path);
  }
}

export function child(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

export function children(node: Node | undefined, field: string): Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier, or the text of a string. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier" && typeof node["name"] === "string") return node["name"];
  if (node?.type === "StringLiteral" && typeof node["value"] === "string") return node["value"];
  return undefined;
}

export function lineOf(node: Node): number {
  return node.loc.start.line;
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "loc" in value
  );
}
