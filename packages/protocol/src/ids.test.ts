import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assistantId,
  callId,
  defaultTeam,
  eventId,
  makeCallId,
  parseEventId,
  teamId,
  toolId,
  uuidOf,
} from "./ids.ts";
import { callTypes } from "./words.ts";

const uuid = "82015760-c3bd-427d-a23b-ba9b07e4ab85";

describe("the id of a call", () => {
  test.each([
    ["web", `WC-${uuid}`],
    ["phone", `CC-${uuid}`],
    ["chat", `TC-${uuid}`],
  ] as const)("by %s is %s", (type, id) => {
    expect(makeCallId(type, uuid)).toBe(id);
    expect(callId.parse(id)).toBe(id);
    expect(uuidOf(makeCallId(type, uuid))).toBe(uuid);
  });

  test.each([
    ["without a kind", uuid],
    ["of an unknown kind", `XC-${uuid}`],
    ["in small letters", `tc-${uuid}`],
    ["with a UUID in capitals", `TC-${uuid.toUpperCase()}`],
    ["with a UUID cut short", `TC-${uuid.slice(1)}`],
    ["with something after it", `TC-${uuid}/../x`],
    ["with a line break after it", `TC-${uuid}\n`],
    ["that is empty", ""],
    ["that is no text", 5],
  ])("%s is refused", (_, id) => {
    const read = callId.safeParse(id);
    expect(read.success).toBe(false);
  });

  test("says what it should be when it is refused", () => {
    expect(callId.safeParse("5").error?.issues[0]?.message).toBe("a call id is WC-, CC- or TC- and a UUID");
  });
});

describe("the id of an event", () => {
  const call = makeCallId("chat", uuid);

  test("follows from the call and the sequence alone", () => {
    expect(eventId(call, 7)).toBe(`evt_TC-${uuid}_7`);
  });

  test("reads back, has nothing in it that a signature or a URL stumbles over, and is no other event's", () => {
    const one = fc.tuple(fc.constantFrom(...callTypes), fc.uuid(), fc.integer({ min: 1, max: 999_999_999 }));
    fc.assert(
      fc.property(one, one, ([type, inner, sequence], other) => {
        const id = eventId(makeCallId(type, inner), sequence);
        expect(parseEventId(id)).toEqual({ callId: makeCallId(type, inner), sequence });
        expect(id).toMatch(/^[\w-]+$/u);
        const [otherType, otherInner, otherSequence] = other;
        const isSame = type === otherType && inner === otherInner && sequence === otherSequence;
        expect(eventId(makeCallId(otherType, otherInner), otherSequence) === id).toBe(isSame);
      }),
    );
  });

  test.each([
    ["an empty text", ""],
    ["a call's id", `TC-${uuid}`],
    ["one without a sequence", `evt_TC-${uuid}`],
    ["sequence 0", `evt_TC-${uuid}_0`],
    ["a negative sequence", `evt_TC-${uuid}_-1`],
    ["a sequence with a leading zero", `evt_TC-${uuid}_07`],
    ["a sequence that is no number", `evt_TC-${uuid}_x`],
    ["a sequence beyond all calls", `evt_TC-${uuid}_1000000000`],
    ["another call's kind", `evt_XX-${uuid}_1`],
    ["another prefix", `msg_TC-${uuid}_1`],
    ["something after it", `evt_TC-${uuid}_1 `],
    ["a vendor's id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
  ])("%s is none", (_, id) => {
    expect(parseEventId(id)).toBeUndefined();
  });

  test("whatever text it is asked to read, it answers", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = parseEventId(text);
        expect(read === undefined || eventId(read.callId, read.sequence) === text).toBe(true);
      }),
    );
  });
});

describe("other ids", () => {
  test.each([
    ["a team", teamId],
    ["an assistant", assistantId],
    ["a tool", toolId],
  ] as const)("of %s have 1 to 64 characters", (_, schema) => {
    const fits = ["", "a", "a".repeat(64), "a".repeat(65)].map((id) => schema.safeParse(id).success);
    expect(fits).toEqual([false, true, true, false]);
  });

  test("the one team that there is at first is a team", () =>
    expect(teamId.parse(defaultTeam)).toBe("default"));
});
