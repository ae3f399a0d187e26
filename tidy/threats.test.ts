import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { missingTests, namedTests } from "./threats.ts";

const root = join(import.meta.dirname, "..");

const line =
  "| a way | what holds | `server/src/a.test.ts` “is held” · “is held, too” · `server/src/b.test.ts` “%s” |";

describe("the tests that docs/THREATS.md names", () => {
  it("are read with their files", () => {
    expect(namedTests(`${line}\nno “test” at all`)).toEqual([
      { file: "server/src/a.test.ts", title: "is held" },
      { file: "server/src/a.test.ts", title: "is held, too" },
      { file: "server/src/b.test.ts", title: "%s" },
    ]);
  });

  it("are missed when there is no such file, or no such title in it", () => {
    const read = (file: string) => (file.endsWith("a.test.ts") ? 'test("is held", …)' : undefined);
    expect(missingTests(namedTests(line), read)).toEqual([
      "docs/THREATS.md names “is held, too” in server/src/a.test.ts, where no test is called so",
      "docs/THREATS.md names server/src/b.test.ts, which is not there",
    ]);
  });

  it("are all there", () => {
    const named = namedTests(readFileSync(join(root, "docs/THREATS.md"), "utf8"));
    expect(named.length).toBeGreaterThan(40);
    const read = (file: string): string | undefined => {
      const path = join(root, "packages", file);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    };
    expect(missingTests(named, read)).toEqual([]);
  });
});
