import { describe, expect, it } from "vitest";
import { checkCasts, countCasts } from "./escapes.ts";
import { plant } from "./plant.ts";

const ids = { "packages/protocol/src/ids.ts": 'export const callId = z.string().brand<"CallId">();' };
const path = "packages/server/src/calls/run.ts";

function said(text: string, file = path): string[] {
  return checkCasts(plant({ ...ids, [file]: text }));
}

describe("rule 15: casts", () => {
  it.each([
    "let a: any;",
    "let a: Record<string, any>;",
    "const a = b!;",
    "const a = b!.c;",
    "const a = b as Call;",
    "const a = b as string[];",
    "const a = <Call>b;",
    "const a = b as unknown as Call;",
    "const a = b as readonly CallId[];",
  ])("finds %s", (text) => {
    expect(said(text)).toHaveLength(1);
  });

  it.each([
    'const a = ["web"] as const;',
    "const a = {} satisfies Call;",
    "const a = b as CallId;",
    "const a = b as unknown;",
    "const a: unknown = b;",
    'import { a as b } from "./a.ts";',
    "const a = b !== c;",
  ])("passes %s", (text) => {
    expect(said(text)).toEqual([]);
  });

  it("lets tests and fakes cast, but not say any", () => {
    expect(said("const a = b as Call;", "packages/server/src/calls/run.test.ts")).toEqual([]);
    expect(said("const a = b as Call;", "packages/server/src/testing/model.ts")).toEqual([]);
    expect(said("const a: any = b;", "packages/server/src/calls/run.test.ts")).toHaveLength(1);
  });

  it("lets a store read back what it wrote", () => {
    expect(said("const a = JSON.parse(b) as Call;", "packages/server/src/store/sqlite/read.ts")).toEqual([]);
  });

  it("holds a file to the number that it has earned, both ways", () => {
    const earned = "packages/protocol/src/entry.ts";
    expect(said("const a = b as Call;", earned)).toEqual([]);
    expect(said("const a = b as Call;\nconst c = d as Call;", earned)).toHaveLength(1);
    expect(said("const a = b;", earned)).toHaveLength(1);
  });

  it("counts", () => {
    expect(countCasts(plant({ ...ids, [path]: "const a = [b as Call, c as CallId, 1 as const];" }))).toBe(1);
  });
});
