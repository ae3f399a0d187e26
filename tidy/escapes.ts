import { casts, parsing } from "./owners.ts";
import { at, type House, isForTests, type Source } from "./source.ts";
import { child, children, lineOf, type Node, textOf, walk } from "./syntax.ts";

/** Rule 15: neither `any` nor `!`, and `as` only where it is earned. */
export function checkCasts(house: House): string[] {
  const brands = brandsOf(house);
  return house.sources.flatMap((source) => {
    const found = findCasts(source, brands);
    const never = found.flatMap(({ kind, line }) =>
      kind === "as" ? [] : [`${at(source, line)} ${advice[kind]}`],
    );
    const lines = found.flatMap(({ kind, line }) => (kind === "as" ? [line] : []));
    return [...never, ...checkCount(source, lines)];
  });
}

/** How often production code says `as`, brands and `as const` aside. */
export function countCasts(house: House): number {
  const brands = brandsOf(house);
  return house.sources.flatMap((source) => findCasts(source, brands)).filter(({ kind }) => kind === "as")
    .length;
}

type Never = "any" | "bang" | "angle";
type Found = { kind: Never | "as"; line: number };

const advice: Record<Never, string> = {
  any: "says any; say unknown, and let a schema or a check narrow it",
  bang: "says ! of what may be missing; check it, or write the type so that it cannot be",
  angle: "casts with <…>; say `as` where a cast is earned at all",
};

function findCasts(source: Source, brands: ReadonlySet<string>): Found[] {
  const found: Found[] = [];
  walk(source.program, (node) => {
    const kind = kindOf(node, brands);
    if (kind === undefined || (isForTests(source.path) && kind !== "any")) return;
    found.push({ kind, line: lineOf(node) });
  });
  return found;
}

function kindOf(node: Node, brands: ReadonlySet<string>): Found["kind"] | undefined {
  if (node.type === "TSAnyKeyword") return "any";
  if (node.type === "TSNonNullExpression") return "bang";
  if (node.type === "TSTypeAssertion") return "angle";
  if (node.type !== "TSAsExpression") return undefined;
  const type = child(node, "typeAnnotation");
  const name = textOf(child(type, "typeName"));
  // To call something unknown takes nothing away that a check would not bring back.
  if (type?.type === "TSUnknownKeyword" || name === "const" || (name !== undefined && brands.has(name)))
    return undefined;
  return "as";
}

function checkCount(source: Source, lines: readonly number[]): string[] {
  if (parsing.some((folder) => source.path.startsWith(folder))) return [];
  const earned = casts[source.path]?.times ?? 0;
  if (lines.length === earned) return [];
  const said = `${source.path} says \`as\` ${lines.length} times (lines ${lines.join(", ")}), ${earned} earned`;
  if (lines.length < earned) return [`${said}; write the lower number in tidy/owners.ts`];
  return [`${said}; parse with a schema, narrow with a check, or give the reason in tidy/owners.ts`];
}

/** The names that ids.ts brands: a cast to one of them is how an id is made. */
function brandsOf(house: House): Set<string> {
  const ids = house.sources.find(({ path }) => path === "packages/protocol/src/ids.ts");
  const brands = new Set<string>();
  if (ids === undefined) return brands;
  walk(ids.program, (node) => {
    if (textOf(child(child(node, "callee"), "property")) !== "brand") return;
    for (const param of children(child(node, "typeParameters"), "params")) {
      const name = textOf(child(param, "literal"));
      if (name !== undefined) brands.add(name);
    }
  });
  return brands;
}
