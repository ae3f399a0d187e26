import { describe, expect, it } from "vitest";
import { makeOrder } from "./order.ts";
import { memorySequences } from "./sequences.ts";

const orderCallsMax = 2;
const at = (sequence: number | null, missed: number[] = [], callId: string | null = "c1") => ({
  callId,
  sequence,
  missed,
});
const opened = () => makeOrder(memorySequences({ orderCallsMax }));

describe("the order of a call's events", () => {
  it.each([
    ["the next one", at(4), [], false],
    ["one that is missing", at(5), [4], false],
    ["several that are missing", at(8), [4, 5, 6, 7], false],
    ["one that was announced as missed", at(5, [4]), [], false],
    ["one announced, one not", at(6, [4]), [5], false],
    ["a late one", at(2), [], true],
    ["the same again", at(3), [], false],
    ["one without a sequence", at(null), [], false],
    ["one of another call", at(9, [], "c2"), [], false],
    ["one without a call", at(9, [], null), [], false],
  ])("%s", async (_, place, gap, late) => {
    const order = opened();
    await order.note(at(3));
    expect(await order.standing(place)).toEqual({ gap, late });
  });

  it("says nothing of what came before it was there", async () => {
    expect(await opened().standing(at(7))).toEqual({ gap: [], late: false });
  });

  it("is not set back by a late one", async () => {
    const order = opened();
    await order.note(at(3));
    await order.note(at(1));
    expect(await order.standing(at(4))).toEqual({ gap: [], late: false });
  });

  it("remembers the calls heard of last", async () => {
    const order = opened();
    for (const call of ["c1", "c2", "c3"]) await order.note(at(1, [], call));
    expect(await order.standing(at(3, [], "c3"))).toMatchObject({ gap: [2] });
    expect(await order.standing(at(3, [], "c1"))).toMatchObject({ gap: [] });
  });

  it("lists no more than a thousand", async () => {
    const order = opened();
    await order.note(at(1));
    expect((await order.standing(at(1e12))).gap).toHaveLength(1_000);
  });
});
