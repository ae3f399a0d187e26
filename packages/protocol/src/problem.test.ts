import { describe, expect, test } from "vitest";
import { z } from "zod";
import { faultsOf } from "./faults.ts";
import { problem, refusalCodes } from "./problem.ts";

describe("the path of a fault", () => {
  test.each<[string, PropertyKey[], string]>([
    ["the whole body", [], ""],
    ["a field", ["name"], "/name"],
    ["a field of an item", ["tools", 0, "server", "url"], "/tools/0/server/url"],
    ["a name with a slash", ["a/b"], "/a~1b"],
    ["a name with a tilde", ["m~n"], "/m~0n"],
    ["a name that looks escaped", ["~1", "~01"], "/~01/~001"],
    ["a name with both, twice", ["~/~/"], "/~0~1~0~1"],
    ["a name that is empty", ["", ""], "//"],
    ["a name with a blank", ["phone number"], "/phone number"],
    ["a name beyond ASCII", ["não/sim"], "/não~1sim"],
    ["a name with a quote and a backslash", ['i"j\\k'], '/i"j\\k'],
  ])("%s: a JSON Pointer as RFC 6901 writes it", (_, path, pointer) => {
    expect(faultsOf({ issues: [{ path, message: "x" }] })).toEqual([{ path: pointer, message: "x" }]);
  });

  test("leads back to the place", () => {
    const place = ["a/b", "m~n", "~1", "", "0"];
    const [found] = faultsOf({ issues: [{ path: place, message: "x" }] });
    const back = found?.path
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    expect(back).toEqual(place);
  });
});

describe("the sentence of a fault", () => {
  const name = z.string().regex(/^[a-z]+$/u, "small letters only");
  const schema = z.object({
    text: z.string(),
    many: z.array(z.number().max(9)),
    kind: z.enum(["a", "b"]),
    names: z.record(name, z.string()),
    either: z.union([z.number(), z.array(z.number())]),
    any: z.json(),
  });
  const good = { text: "", many: [], kind: "a", names: {}, either: 1, any: null };

  test.each<[string, unknown, string, string]>([
    ["a missing field", { ...good, text: undefined }, "/text", "is missing: expected string"],
    [
      "a field of another type",
      { ...good, text: 5 },
      "/text",
      "Invalid input: expected string, received number",
    ],
    ["null", { ...good, text: null }, "/text", "Invalid input: expected string, received null"],
    ["too large a number", { ...good, many: [1, 10] }, "/many/1", "Too big: expected number to be <=9"],
    ["an unknown word", { ...good, kind: "c" }, "/kind", 'Invalid option: expected one of "a"|"b"'],
    ["a name that does not fit", { ...good, names: { "A/B": "" } }, "/names/A~1B", "small letters only"],
    ["one of several forms that is missing", { ...good, either: undefined }, "/either", "is missing"],
    [
      "one of several forms that is none",
      { ...good, either: "x" },
      "/either",
      "fits none of the forms that it may have",
    ],
    ["JSON that is missing", { ...good, any: undefined }, "/any", "is missing"],
    ["no object", [], "", "Invalid input: expected object, received array"],
  ])("about %s", (_, body, path, message) => {
    const read = schema.safeParse(body);
    expect(read.success ? [] : faultsOf(read.error)).toEqual([{ path, message }]);
  });

  test("is told for every fault, in the order of the schema", () => {
    const read = schema.safeParse({ many: ["x"], kind: "c", names: { A: 1 }, either: 1, any: null });
    expect(read.success ? [] : faultsOf(read.error).map(({ path }) => path)).toEqual([
      "/text",
      "/many/0",
      "/kind",
      "/names/A",
    ]);
  });
});

describe("a problem", () => {
  const least = {
    type: "urn:offhook:problem:invalid",
    title: "It does not fit",
    status: 422,
    detail: "Mend it.",
    code: "invalid",
  };

  test("is what RFC 9457 names, and our code; the faults are there when there are any", () => {
    expect(problem.parse(least)).toEqual(least);
    expect(problem.parse({ ...least, errors: [{ path: "/a", message: "b" }] }).errors).toHaveLength(1);
  });

  test.each(Object.keys(least))("has a %s", (field) => {
    expect(problem.safeParse({ ...least, [field]: undefined }).success).toBe(false);
  });

  test("has a code that can stand in a URN", () => {
    expect(refusalCodes.filter((code) => !/^[a-z]+(?:-[a-z]+)*$/u.test(code))).toEqual([]);
    expect(new Set(refusalCodes).size).toBe(refusalCodes.length);
  });
});
