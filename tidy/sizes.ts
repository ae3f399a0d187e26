import { at, type House, type Source } from "./source.ts";
import { child, children, lineOf, type Node, textOf, walk } from "./syntax.ts";

/** Rule 10: the walls, which fail, and the habits, which are shown. Lengths are in lines. */
export const limits = {
  functionWall: 60,
  functionHabit: 30,
  fileWall: 400,
  fileHabit: 150,
  medianFile: 80,
  params: 3,
} as const;

/** A function and how long it is, from its first line to its last. */
export type Measured = { where: string; name: string; lines: number; params: number };

export function checkSizes(house: House): string[] {
  const long = house.sources
    .filter(({ lines }) => lines > limits.fileWall)
    .map(
      ({ path, lines }) =>
        `${path} has ${lines} lines, above ${limits.fileWall}; split it by what it is about`,
    );
  const middle = medianOf(house.sources.map(({ lines }) => lines));
  const heavy =
    middle > limits.medianFile ? [`the median file has ${middle} lines, above ${limits.medianFile}`] : [];
  return [...long, ...heavy, ...house.sources.flatMap(checkFunctions)];
}

function checkFunctions(source: Source): string[] {
  const long = functionsOf(source)
    .filter(({ lines }) => lines > limits.functionWall)
    .map(
      ({ where, name, lines }) =>
        `${where}: ${name} has ${lines} lines, above ${limits.functionWall}; branch in the parent, compute in the leaves`,
    );
  const wide = signaturesOf(source)
    .filter(({ params }) => params > limits.params)
    .map(
      ({ where, name, params }) =>
        `${where}: ${name} takes ${params} parameters, above ${limits.params}; take one object with names`,
    );
  return [...long, ...wide];
}

/** The functions with a body. A list of tests is left out: it is a list, and each test in it is measured. */
export function functionsOf(source: Source): Measured[] {
  const functions: Measured[] = [];
  walk(source.program, (node, above) => {
    if (child(node, "body") === undefined || !isFunction(node) || holdsTests(node)) return;
    functions.push(measure(source, node, above));
  });
  return functions;
}

/** Everything that takes parameters, signatures in types too. A test that is given the row of a table is left out. */
export function signaturesOf(source: Source): Measured[] {
  const signatures: Measured[] = [];
  walk(source.program, (node, above) => {
    if ((isFunction(node) && !isTestCall(above[0])) || isSignature(node))
      signatures.push(measure(source, node, above));
  });
  return signatures;
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function measure(source: Source, node: Node, above: readonly Node[]): Measured {
  const params = [...children(node, "params"), ...children(node, "parameters")];
  return {
    where: at(source, lineOf(node)),
    name: nameOf(node, above),
    lines: node.loc.end.line - node.loc.start.line + 1,
    params: params.filter((param) => textOf(param) !== "this").length,
  };
}

function nameOf(node: Node, [parent]: readonly Node[]): string {
  const own = textOf(child(node, "id")) ?? textOf(child(node, "key"));
  return own ?? textOf(child(parent, "id")) ?? textOf(child(parent, "key")) ?? "a callback";
}

function isFunction({ type }: Node): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ObjectMethod|Class(?:Private)?Method)$/u.test(
    type,
  );
}

function isSignature({ type }: Node): boolean {
  return /^(?:TSDeclareFunction|TSDeclareMethod|TSMethodSignature|TSFunctionType|TSCallSignatureDeclaration)$/u.test(
    type,
  );
}

function holdsTests(node: Node): boolean {
  let holds = false;
  walk(node, (inner) => {
    holds ||= isTestCall(inner);
  });
  return holds;
}

function isTestCall(node: Node | undefined): boolean {
  return node?.type === "CallExpression" && /^(?:describe|it|test)$/u.test(calleeRoot(node) ?? "");
}

/** `describe` in `describe.each(cases)("…", …)`. */
function calleeRoot(call: Node): string | undefined {
  const callee = child(call, "callee");
  if (callee?.type === "CallExpression") return calleeRoot(callee);
  return textOf(callee) ?? textOf(child(callee, "object"));
}
