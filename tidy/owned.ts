import { matchesGlob } from "node:path";
import { liveTest, type Owned, owners } from "./owners.ts";
import { at, type House } from "./source.ts";
import { child, children, lineOf, type Node, textOf, walk } from "./syntax.ts";

/** Rule 15: clock, chance, timers, environment and output, each only where it is owned. */
export function checkOwned(house: House): string[] {
  return house.sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.program, (node, above) => {
      const use = useAt(node, above);
      if (use === undefined || isOwner(source.path, use.what)) return;
      found.push(`${at(source, lineOf(node))} uses ${use.name}; ${owners[use.what].instead}`);
    });
    return found;
  });
}

/** Something with one owner, and what it is called where it was found. */
type Use = { what: Owned; name: string };

const members: Record<string, Owned> = {
  "AbortSignal.timeout": "timer",
  "Date.now": "clock",
  "Math.random": "chance",
  "crypto.getRandomValues": "chance",
  "crypto.randomUUID": "chance",
  "performance.now": "clock",
  "process.env": "environment",
  "process.hrtime": "clock",
  "process.stderr": "output",
  "process.stdout": "output",
};

const globals: Record<string, Owned> = {
  console: "output",
  setImmediate: "timer",
  setInterval: "timer",
  setTimeout: "timer",
};

/** Imports that bring the same under another name. */
const imports: Record<string, Record<string, Owned>> = {
  "node:crypto": {
    randomBytes: "chance",
    randomInt: "chance",
    randomUUID: "chance",
    getRandomValues: "chance",
  },
  "node:perf_hooks": { performance: "clock" },
  "node:process": { env: "environment", stderr: "output", stdout: "output" },
  "node:timers": globals,
  "node:timers/promises": globals,
};

function useAt(node: Node, above: readonly Node[]): Use | undefined {
  switch (node.type) {
    case "MemberExpression":
      return ownedMember(node);
    case "NewExpression":
    case "CallExpression": {
      const isNow = textOf(child(node, "callee")) === "Date" && children(node, "arguments").length === 0;
      return isNow ? { what: "clock", name: "the present date" } : undefined;
    }
    case "ImportSpecifier":
      return ownedImport(node, above);
    case "Identifier":
      return isReference(node, above) ? look(globals, textOf(node)) : undefined;
    default:
      return undefined;
  }
}

function ownedMember(node: Node): Use | undefined {
  const object = child(node, "object");
  const property = textOf(child(node, "property"));
  const root = textOf(object) ?? textOf(child(object, "property"));
  if (root === "globalThis" || root === "window") return look(globals, property);
  return look(members, `${root}.${property}`);
}

function ownedImport(node: Node, [parent]: readonly Node[]): Use | undefined {
  const from = textOf(child(parent, "source"));
  return from === undefined ? undefined : look(imports[from] ?? {}, textOf(child(node, "imported")));
}

/** Whether an identifier stands for the global: not a field's name, not a type. */
function isReference(node: Node, [parent]: readonly Node[]): boolean {
  if (parent === undefined || parent.type.startsWith("TS") || parent.type.startsWith("Import")) return false;
  if (child(parent, "property") === node) return parent["computed"] === true;
  if (child(parent, "key") === node) return parent["computed"] === true;
  return true;
}

function look(table: Record<string, Owned>, name: string | undefined): Use | undefined {
  const what = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  return what === undefined || name === undefined ? undefined : { what, name };
}

function isOwner(path: string, what: Owned): boolean {
  if (liveTest.test(path)) return true;
  return owners[what].files.some((owner) => matchesGlob(path, owner));
}
