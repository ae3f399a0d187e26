import {
  type Call,
  callId,
  type CallId,
  makeCallId,
  readEntries,
  sampleJournal,
  teamId,
} from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { StoreError } from "../store.ts";
import { madeOnce, uuidOfKey } from "./idempotency.ts";

const team = teamId.parse("default");

describe("the id of a call that is made under a key", () => {
  it("is the same for the same team and key, and a call's id", () => {
    const uuid = uuidOfKey(team, "order-1");
    expect(uuidOfKey(team, "order-1")).toBe(uuid);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(callId.safeParse(makeCallId("chat", uuid)).success).toBe(true);
  });

  it.each([
    ["another key", team, "order-2"],
    ["another team", teamId.parse("other"), "order-1"],
    ["a team and a key that read alike together", teamId.parse('default","order'), "-1"],
  ])("is another for %s", (_, other, key) => {
    expect(uuidOfKey(other, key)).not.toBe(uuidOfKey(team, "order-1"));
  });
});

describe("a call that is made once", () => {
  const earlier = readEntries(undefined, sampleJournal())?.call as Call;
  const id = earlier.id as CallId;
  const conflict = new StoreError("journal-conflict", "Another writer was here first.");

  /** A store that finds the call from the given look on, and what was made. */
  async function made(foundFrom: number, make: () => Promise<string>) {
    let looks = 0;
    const store = { findCall: async () => (looks++ >= foundFrom ? earlier : undefined) };
    return madeOnce({ store, teamId: team, callId: id, make });
  }
  const never = Number.POSITIVE_INFINITY;
  const fail = (error: Error) => async () => {
    throw error;
  };

  it("is the earlier one, without making another", async () => {
    expect(await made(0, fail(new Error("was made")))).toBe(earlier);
  });

  it("is made when there is none", async () => {
    expect(await made(never, async () => "new")).toBe("new");
  });

  it("is the other one when two are made at the same time", async () => {
    expect(await made(1, fail(conflict))).toBe(earlier);
  });

  it.each([
    ["another error", 1, new StoreError("full", "The disk is full.")],
    ["a conflict with nothing that is seen", never, conflict],
  ])("fails with %s", async (_, foundFrom, error) => {
    await expect(made(foundFrom, fail(error))).rejects.toBe(error);
  });
});
