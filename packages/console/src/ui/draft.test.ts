import { assistantBody, mask } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesBetween, type Draft, faultsIn, patchBetween, put } from "./draft.ts";

/** RFC 7396, as the server applies it. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const into: Record<string, unknown> =
    typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete into[name];
    else into[name] = merge(into[name], value);
  }
  return into;
}

describe("a draft", () => {
  test.each<[string, Draft, string[], unknown, Draft]>([
    ["a field", { a: 1 }, ["a"], 2, { a: 2 }],
    ["a field inside, made on the way", {}, ["a", "b"], 2, { a: { b: 2 } }],
    ["a field that goes", { a: 1, b: 2 }, ["a"], undefined, { b: 2 }],
    ["a field in what was none", { a: [1] }, ["a", "b"], 2, { a: { b: 2 } }],
  ])("is changed by %s", (_, before, path, value, after) => {
    expect(put(before, path, value)).toEqual(after);
  });

  test("is told what does not fit, at its place", () => {
    const faults = faultsIn(assistantBody, { name: "", assistantServer: { url: "ftp://x", secret: mask } });
    expect([...faults.keys()].toSorted()).toEqual(["/assistantServer/url", "/name"]);
  });
});

describe("changes", () => {
  test("are told by path, those inside too", () => {
    expect(changesBetween({ a: 1, b: { c: [1], d: 2 } }, { b: { c: [2], d: 2 }, e: 3 })).toEqual([
      { path: "/a", before: 1, after: undefined },
      { path: "/b/c", before: [1], after: [2] },
      { path: "/e", before: undefined, after: 3 },
    ]);
  });

  test("as a patch make one of the other", () => {
    const names = fc.constantFrom("a", "b", "c");
    const { tree } = fc.letrec<{ tree: unknown; draft: Draft }>((tie) => ({
      // A patch cannot say null: it takes away.
      tree: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.integer()), tie("draft")),
      draft: fc.dictionary(names, tie("tree"), { noNullPrototype: true }),
    }));
    const draft = fc.dictionary(names, tree, { noNullPrototype: true });
    fc.assert(
      fc.property(draft, draft, (before, after) => {
        expect(merge(before, patchBetween(before, after))).toEqual(after);
        expect(changesBetween(before, after).length === 0).toBe(
          JSON.stringify(before) === JSON.stringify(after),
        );
      }),
    );
  });
});
