import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { badReceiver, type BadReceiver } from "../testing/bad-receiver.ts";
import { type Said, typed } from "../testing/typed.ts";

const secret = "a secret for the trials";
let good: BadReceiver;
let strict: BadReceiver;

beforeAll(async () => {
  good = await badReceiver(secret, []);
  strict = await badReceiver(secret, ["is strict about types"]);
});
afterAll(async () => {
  await good.close();
  await strict.close();
});

function check(...args: string[]): Promise<Said> {
  return typed("check", ...args);
}

describe("offhook check", () => {
  it("passes a good receiver with 0", async () => {
    const { code, out, beside } = await check(good.url, "--secret", secret, "--only", "signature");
    expect({ code, beside }).toEqual({ code: 0, beside: "" });
    expect(out).toContain("✓ signature-forged");
    expect(out).toMatch(/\d+ passed, 0 failed/u);
    expect(out).not.toContain("\u001B");
  });

  it("says of a failure what was expected, what was seen and how to mend it, and ends with 1", async () => {
    const { code, out } = await check(strict.url, "--secret", secret, "--only", "unknown-type");
    expect(code).toBe(1);
    expect(out).toMatch(/✗ unknown-type\n\s+expected[^\n]+\n\s+seen\s+it answered 400[^\n]+\n\s+mend/u);
  });

  it("gives the report as JSON, and nothing else", async () => {
    const { code, out, beside } = await check(strict.url, "--secret", secret, "--only", "events", "--json");
    const report: { failed: number; cases: { name: string; verdict: string; mend?: string }[] } =
      JSON.parse(out);
    expect({ code, beside, failed: report.failed }).toEqual({ code: 1, beside: "", failed: 1 });
    expect(report.cases.find(({ verdict }) => verdict === "failed")).toMatchObject({
      name: "unknown-type",
      mend: expect.any(String),
    });
  });

  it("takes the receiver's secret for what is missing when nothing is accepted", async () => {
    const { out } = await check(good.url, "--only", "event-hang");
    expect(out).toContain("0 passed, 1 failed");
    expect((await check(good.url)).out).toContain("give its secret as --secret");
  });

  it.each([
    ["nobody there", ["http://127.0.0.1:1/"], 1, /cannot be reached[^]*ECONNREFUSED/u],
    ["no address", [], 2, /Which receiver/u],
    ["half an address", ["localhost:3000"], 2, /full address/u],
    [
      "a case that is none",
      ["http://127.0.0.1:1/", "--only", "signatures"],
      2,
      /no case or group[^]*--list/u,
    ],
    ["arguments that are none", ["http://127.0.0.1:1/", "--arguments", "day"], 2, /JSON object/u],
  ])("says what is wrong with %s", async (_name, args, code, sentence) => {
    const ended = await check(...args);
    expect(ended.beside).toMatch(sentence);
    expect(ended.code).toBe(code);
  });

  it("lists what it would ask", async () => {
    const { out } = await check("--list", "--json");
    const cases: unknown[] = JSON.parse(out);
    expect(cases.length).toBeGreaterThanOrEqual(40);
  });
});
