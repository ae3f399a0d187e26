import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Receipts, serverUrl } from "@offhook/server-url";
import { answerOf, fixture, signed, testClock } from "@offhook/server-url/testing";
import { afterAll, describe, expect, it } from "vitest";
import { sqliteStore } from "./sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "offhook-receipts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";

/** Two processes with one file. */
function two(name: string) {
  const clock = testClock();
  const open = () => sqliteStore(join(folder, name), clock.now);
  return { clock, one: open(), other: open() };
}

describe("receipts in SQLite", () => {
  it("give a claim to one of two processes, and the answer to both", async () => {
    const { one, other } = two("claims.db");
    expect(await one.receipts.claim("a")).toEqual({ kind: "new" });
    expect(await other.receipts.claim("a")).toEqual({ kind: "elsewhere" });
    await one.receipts.keep("a", "{}");
    expect(await other.receipts.claim("a")).toEqual({ kind: "answered", body: "{}" });
  });

  it("give a claim away again when it was given back, or its owner died", async () => {
    const { one, other, clock } = two("again.db");
    await one.receipts.claim("a");
    await one.receipts.forget("a");
    expect(await other.receipts.claim("a")).toEqual({ kind: "new" });
    clock.advance(61_000);
    expect(await one.receipts.claim("a")).toEqual({ kind: "new" });
    expect(await other.receipts.claim("a")).toEqual({ kind: "elsewhere" });
  });

  it("forget what is older than any attempt", async () => {
    const { one, clock } = two("old.db");
    const handle = async (receipts: Receipts, id: string) => {
      await receipts.claim(id);
      await receipts.keep(id, "{}");
    };
    await handle(one.receipts, "a");
    clock.advance(5 * 24 * 3_600_000);
    await handle(one.receipts, "b");
    expect(await one.receipts.claim("a")).toEqual({ kind: "new" });
    expect(await one.receipts.claim("b")).toMatchObject({ kind: "answered" });
  });

  it("note the highest sequence", async () => {
    const { one, other } = two("sequences.db");
    expect(await one.sequences.last("c")).toBeNull();
    await one.sequences.note("c", 3);
    await other.sequences.note("c", 2);
    expect(await other.sequences.last("c")).toBe(3);
  });

  it("let two receivers handle a message once", async () => {
    const { one, other, clock } = two("receivers.db");
    let handled = 0;
    const receivers = [one, other].map((store) =>
      serverUrl({ secret, now: clock.now, ...store, on: { hang: () => void (handled += 1) } }),
    );
    for (const receiver of [...receivers, ...receivers]) {
      const request = await signed(fixture("hang"), { secret, at: clock.now() });
      expect(await answerOf(await receiver.fetch(request))).toEqual({
        status: 200,
        body: { received: true },
      });
    }
    expect(handled).toBe(1);
  });
});
