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
});
