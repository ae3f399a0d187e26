import { openingsOf, targetOf } from "./openings.ts";
import { at, type House, isForTests, isTest, type Source } from "./source.ts";
import { child, lineOf, textOf, walk } from "./syntax.ts";

const libraries =
  /^(?:sinon|nock|msw|testdouble|jest-mock|jest-mock-extended|vitest-mock-extended|ts-mockito|proxyquire|mock-require)(?:\/|$)/u;

/** What of `vi` waits for something instead of replacing it. */
const harmless = new Set(["waitFor", "waitUntil"]);

const kinds = ["pg", "nats", "browser", "crash", "slow", "http"] as const;

/** Rule 12: fakes are products; nothing is replaced behind a test's back. */
export function checkFakes(house: House): string[] {
  return house.sources.flatMap((source) => [
    ...checkVi(source),
    ...checkLibraries(source),
    ...checkUse(house, source),
  ]);
}

/** Rule 12: a test's suffix says what it needs. */
export function checkSuffixes(house: House): string[] {
  const allowed = new Set(["", ...kinds.map((kind) => `.${kind}`)]);
  return house.sources.flatMap(({ path }) => {
    const name = path.split("/").at(-1) ?? "";
    const [, kind] = /^[^.]+(.*)\.(?:test|spec)\.tsx?$/u.exec(name) ?? [];
    if (kind === undefined || (allowed.has(kind) && isTest(path))) return [];
    return [`${path}: a test ends in .test.ts, with what it needs before it: ${kinds.join(", ")}`];
  });
}

function checkVi(source: Source): string[] {
  const found: string[] = [];
  walk(source.program, (node) => {
    const what = textOf(child(node, "property"));
    if (node.type !== "MemberExpression" || textOf(child(node, "object")) !== "vi" || what === undefined)
      return;
    if (!harmless.has(what)) {
      found.push(
        `${at(source, lineOf(node))} uses vi.${what}; hand in a fake from testing/, proven by its contract suite`,
      );
    }
  });
  return found;
}

/** What is made for tests stays with tests; a bench may use it, to drive what it measures. */
function checkUse(house: House, source: Source): string[] {
  if (isForTests(source.path) || source.path.startsWith("bench/")) return [];
  return openingsOf(source).flatMap(({ specifier, line }) => {
    const target = targetOf(house, source, specifier);
    if (target === undefined ? !specifier.endsWith("/testing") : !isForTests(target)) return [];
    return [
      `${at(source, line)} opens ${specifier}, made for tests; take the port, and let the test hand in the fake`,
    ];
  });
}

function checkLibraries(source: Source): string[] {
  return openingsOf(source).flatMap(({ specifier, line }) => {
    if (libraries.test(specifier))
      return [`${at(source, line)} opens ${specifier}; write a fake in testing/ instead`];
    const isOurs = isForTests(source.path) || source.path.endsWith(".config.ts");
    if (!/^(?:vitest|fast-check)$/u.test(specifier) || isOurs) return [];
    return [`${at(source, line)} opens ${specifier} outside of tests; move it to a test file or to testing/`];
  });
}
