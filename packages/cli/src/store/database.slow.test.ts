import { missingPostgres, openPostgres } from "@offhook/server/testing";
import { expect, it } from "vitest";
import { typed } from "../testing/typed.ts";

const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; what looks after a database is not looked at\n`);
const maxMs = 120_000;

it.skipIf(missing !== undefined && process.env["CI"] === undefined)(
  "a database is looked at, and its tables are made once",
  { timeout: maxMs },
  async () => {
    const postgres = await openPostgres();
    const store = ["--store", postgres.url];
    const before = await typed("store", "check", ...store);
    expect(before).toMatchObject({ code: 1, beside: expect.stringContaining("offhook store migrate") });
    expect(before.out).toMatch(/version 0, this Offhook knows 1\. Servers that are there: 0/u);
    expect(await typed("store", "migrate", ...store)).toMatchObject({
      code: 0,
      out: "The tables are at version 1: they were at 0.\n",
    });
    expect((await typed("store", "migrate", ...store)).out).toContain("nothing was to be done");
    const after = await typed("store", "check", "--json", ...store);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.out)).toMatchObject({ version: 1, known: 1, nodes: 0 });
    await postgres.close();
    const gone = await typed("store", "check", ...store);
    expect(gone).toMatchObject({ code: 1, beside: expect.stringContaining("cannot be reached") });
  },
);

it.each(["mysql://db.example/offhook", "offhook", "postgres://a:very-secret@[/x"])(
  "%s is no database to look at",
  async (address) => {
    const said = await typed("store", "check", "--store", address);
    expect(said).toMatchObject({ code: 2, out: "", beside: expect.stringContaining("OFFHOOK_STORE") });
    expect(said.beside).not.toContain("very-secret");
  },
);
