import { callId, makeCallId, teamId } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { uuidOfKey } from "./idempotency.ts";

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
