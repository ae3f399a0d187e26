import { describe, expect, it } from "vitest";
import { makeOrder } from "./order.ts";

const orderCallsMax = 2;
const at = (sequence: number | null, missed: number[] = [], callId: string | null = "c1") => ({
  callId,
  sequence,
  missed,
});

describe("the order of a call's events", () => {
  it.each([
    ["the next one", at(4), []],
    ["one that is missing", at(5), [4]],
    ["several that are missing", at(8), [4, 5, 6, 7]],
    ["one that was announced as missed", at(5, [4]), []],
    ["one announced, one not", at(6, [4]), [5]],
    ["a late one", at(2), []],
    ["the same again", at(3), []],
    ["one without a sequence", at(null), []],
    ["one of another call", at(9, [], "c2"), []],
    ["one without a call", at(9, [], null), []],
  ])("%s", (_, place, gap) => {
    const order = makeOrder({ orderCallsMax });
    order.note("c1", 3);
    expect(order.gap(place)).toEqual(gap);
  });

  it("says nothing of what came before it was there", () => {
    expect(makeOrder({ orderCallsMax }).gap(at(7))).toEqual([]);
  });

  it("is not set back by a late one", () => {
    const order = makeOrder({ orderCallsMax });
    order.note("c1", 3);
    order.note("c1", 1);
    expect(order.gap(at(4))).toEqual([]);
  });

  it("remembers the calls heard of last", () => {
    const order = makeOrder({ orderCallsMax });
    for (const call of ["c1", "c2", "c1", "c3"]) order.note(call, 1);
    expect(order.gap(at(3, [], "c1"))).toEqual([2]);
    expect(order.gap(at(3, [], "c2"))).toEqual([]);
  });

  it("lists no more than a thousand", () => {
    const order = makeOrder({ orderCallsMax });
    order.note("c1", 1);
    expect(order.gap(at(1e12))).toHaveLength(1_000);
  });
});
