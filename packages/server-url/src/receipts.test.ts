import { describe, expect, it } from "vitest";
import { memoryReceipts } from "./receipts.ts";

const roomy = { receiptsMax: 100, receiptsBytesMax: 10_000 };

describe("receipts in memory", () => {
  it("gives the answer back, and knows nothing of others", async () => {
    const receipts = memoryReceipts(roomy);
    expect(await receipts.claim("a")).toEqual({ kind: "new" });
    await receipts.keep("a", "1");
    expect(await receipts.claim("a")).toEqual({ kind: "answered", body: "1" });
    expect(await receipts.claim("b")).toEqual({ kind: "new" });
  });

  it("forgets the oldest beyond its number", async () => {
    const receipts = memoryReceipts({ ...roomy, receiptsMax: 2 });
    for (const id of ["a", "b", "c"]) await receipts.keep(id, "1");
    expect(await receipts.claim("a")).toEqual({ kind: "new" });
    expect(await receipts.claim("b")).toMatchObject({ kind: "answered" });
  });

  it("forgets the oldest beyond its bytes, and counts those it forgot no longer", async () => {
    const receipts = memoryReceipts({ ...roomy, receiptsBytesMax: 100 });
    for (let round = 0; round < 50; round++) await receipts.keep(`id${round}`, "x".repeat(20));
    expect(await receipts.claim("id49")).toMatchObject({ kind: "answered" });
    expect(await receipts.claim("id48")).toMatchObject({ kind: "answered" });
    expect(await receipts.claim("id47")).toEqual({ kind: "new" });
  });
});
