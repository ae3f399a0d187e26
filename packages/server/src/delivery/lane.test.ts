import type { AttemptOutcome, TellType } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { decide, type Lane, type LaneEvent, type LaneOf } from "./lane.ts";
import { delayAfter, isSupersedable, jitter, retryDelaysMs } from "./patience.ts";
import { failed, now, show } from "./testing/lanes.ts";

/** Three events are settled, the second of them given up; the sixth is the last, and a conversation-update. */
const track = { settled: 3, last: 6, lastConversation: 6, missed: [2], again: [] } as const;
const idle: LaneOf<"idle"> = { name: "idle", ...track, settled: 6 };
const waiting: LaneOf<"waiting"> = { name: "waiting", ...track, attempts: 2, dueAt: now };
const sending: LaneOf<"sending"> = { name: "sending", ...track, attempts: 3, sequence: 4, kind: "new" };
const again = { again: [1, 2] } as const;
const sendingAgain: LaneOf<"sending"> = { ...sending, ...again, sequence: 1, kind: "again" };

const written: LaneEvent = { type: "written", sequence: 7, tell: "status-update", now };
const sentAgain: LaneEvent = { type: "sent-again", sequences: [3, 1, 3], now };
const claimed: LaneEvent = { type: "claimed", tell: "hang", now };
const accepted: LaneEvent = { ...failed("accepted"), detail: "answered 200" };

type Row = readonly [title: string, lane: Lane, event: LaneEvent, expected: string];

/** `settled/last`, then what is given up and announced (-), to be sent again (+), attempts made, when it is due; then what is done. */
const table: readonly Row[] = [
  ["idle, written", idle, written, "waiting 6/7 -2 after 0 at +0"],
  ["idle, sent again", idle, sentAgain, "waiting 6/6 -2 +1,3 after 0 at +0"],
  ["idle, claimed", idle, claimed, "idle 6/6 -2"],
  ["idle, accepted", idle, accepted, "idle 6/6 -2"],
  ["idle, refused", idle, failed("refused"), "idle 6/6 -2"],

  ["waiting, written", waiting, written, "waiting 3/7 -2 after 2 at +0"],
  ["waiting for long, written", { ...waiting, dueAt: now + 9 }, written, "waiting 3/7 -2 after 2 at +9"],
  ["waiting, sent again", { ...waiting, dueAt: now + 9 }, sentAgain, "waiting 3/6 -2 +1,3 after 2 at +0"],
  ["waiting, claimed", waiting, claimed, "sending 3/6 -2 after 3: send 4 (3)"],
  ["waiting, claimed too early", { ...waiting, dueAt: now + 1 }, claimed, "waiting 3/6 -2 after 2 at +1"],
  [
    "waiting to send again, claimed",
    { ...waiting, ...again },
    claimed,
    "sending 3/6 -2 +1,2 after 2: send 1 (1)",
  ],
  ["waiting for nothing, claimed", { ...waiting, settled: 6 }, claimed, "idle 6/6 -2"],
  ["waiting, accepted", waiting, accepted, "waiting 3/6 -2 after 2 at +0"],
  ["waiting, refused", waiting, failed("refused"), "waiting 3/6 -2 after 2 at +0"],

  ["sending, written", sending, written, "sending 3/7 -2 after 3"],
  ["sending, claimed", sending, claimed, "sending 3/6 -2 after 3"],
  ["sending, accepted", sending, accepted, "waiting 4/6 after 0 at +0"],
  ["sending the last, accepted", { ...sending, last: 4 }, accepted, "idle 4/4"],
  ["sending, refused", sending, failed("refused"), "waiting 3/6 -2 after 3 at +30000"],
  ["sending, busy", sending, failed("busy"), "waiting 3/6 -2 after 3 at +30000"],
  ["sending, timed out", sending, failed("timed-out"), "waiting 3/6 -2 after 3 at +30000"],
  ["sending, unreachable", sending, failed("unreachable"), "waiting 3/6 -2 after 3 at +30000"],
  ["sending, forbidden", sending, failed("forbidden"), "waiting 3/6 -2 after 3 at +30000"],
  ["sending, gone", sending, failed("gone"), "waiting 4/6 -2,4 after 0 at +0: dead 4 (answered)"],
  ["sending the last, gone", { ...sending, last: 4 }, failed("gone"), "idle 4/4 -2,4: dead 4 (answered)"],
  ["sending again, accepted", sendingAgain, accepted, "waiting 3/6 -2 +2 after 3 at +0: recovered 1"],
  [
    "sending again, refused",
    sendingAgain,
    failed("refused"),
    "waiting 3/6 -2 after 3 at +0: not recovered 1 (sent again, and answered)",
  ],
  [
    "sending again, gone",
    sendingAgain,
    failed("gone"),
    "waiting 3/6 -2 after 3 at +0: not recovered 1 (sent again, and answered)",
  ],
  [
    "sending the last of all again, accepted",
    { ...sendingAgain, settled: 6, again: [1] },
    accepted,
    "idle 6/6 -2: recovered 1",
  ],
];

describe("a lane", () => {
  it.each(table)("%s", (_, lane, event, expected) => {
    expect(show(decide(lane, event))).toBe(expected);
  });

  it.each(table)("%s: is not changed in place", (_, lane, event) => {
    const before = structuredClone(lane);
    decide(lane, event);
    expect(lane).toEqual(before);
  });
});

describe("superseding", () => {
  const failedOnce: LaneOf<"waiting"> = { ...waiting, attempts: 1 };
  const claim = (tell: TellType): LaneEvent => ({ type: "claimed", tell, now });
  const tells: TellType[] = ["status-update", "hang", "hang-recovered", "error", "end-of-call-report"];

  it("gives up a conversation-update that has failed and has a newer one behind it", () => {
    expect(show(decide(failedOnce, claim("conversation-update")))).toBe(
      "waiting 4/6 -2,4 after 0 at +0: superseded 4 (event 6 holds the whole history)",
    );
  });

  it.each<[string, LaneOf<"waiting">]>([
    ["has not failed yet", { ...failedOnce, attempts: 0 }],
    ["has none behind it", { ...failedOnce, lastConversation: 4 }],
    ["has only older ones", { ...failedOnce, lastConversation: 3 }],
    ["is sent again by wish", { ...failedOnce, again: [1] }],
    ["is not due", { ...failedOnce, dueAt: now + 1 }],
  ])("leaves one that %s", (_, lane) => {
    expect(show(decide(lane, claim("conversation-update")))).not.toContain("superseded");
  });

  it.each(tells)("leaves a %s", (tell) => {
    expect(show(decide(failedOnce, claim(tell)))).toContain("send 4");
    expect(isSupersedable(tell)).toBe(false);
  });
});

describe("patience", () => {
  const hours = 3_600_000;

  it("is that of the contract: 12 retries in about 76 hours", () => {
    const planned = [
      1_000,
      5_000,
      30_000,
      120_000,
      300_000,
      1_800_000,
      2 * hours,
      5 * hours,
      10 * hours,
      14 * hours,
      20 * hours,
      24 * hours,
    ];
    expect(retryDelaysMs).toEqual(planned);
    expect(retryDelaysMs.reduce((sum, delayMs) => sum + delayMs, 0) / hours).toBeCloseTo(75.6, 0);
    expect(jitter).toBe(0.2);
  });

  it.each(retryDelaysMs.map((delayMs, index) => ({ attempts: index + 1, delayMs })))(
    "after attempt $attempts is $delayMs ms, give or take a fifth",
    ({ attempts, delayMs }) => {
      const [least, middle, most] = [0, 0.5, 0.999_999].map((chance) => delayAfter(attempts, null, chance));
      expect([least, middle]).toEqual([delayMs * 0.8, delayMs]);
      expect(Math.abs((most ?? 0) - delayMs * 1.2)).toBeLessThan(delayMs / 1_000);
    },
  );

  it("ends with the thirteenth attempt", () => {
    expect([12, 13, 14].map((attempts) => delayAfter(attempts, null, 0.5))).toEqual([
      24 * hours,
      undefined,
      undefined,
    ]);
    expect(delayAfter(13, 1_000, 0.5)).toBeUndefined();
    const last: LaneOf<"sending"> = { ...sending, attempts: 13 };
    expect(show(decide(last, failed("refused")))).toBe(
      "waiting 4/6 -2,4 after 0 at +0: dead 4 (13 attempts failed; the last: answered)",
    );
  });

  it.each([
    [0, 30_000],
    [29_999, 30_000],
    [30_001, 30_001],
    [45_000, 45_000],
    [60_000, 60_000],
    [60_001, 60_000],
    [Number.MAX_SAFE_INTEGER, 60_000],
  ])("takes a Retry-After of %d ms as %d after the third attempt", (retryAfterMs, delayMs) => {
    expect(delayAfter(3, retryAfterMs, 0.5)).toBe(delayMs);
    const event: LaneEvent = { ...failed("busy"), retryAfterMs };
    expect(show(decide(sending, event))).toBe(`waiting 3/6 -2 after 3 at +${delayMs}`);
  });

  it.each<AttemptOutcome>(["refused", "busy", "timed-out", "unreachable", "forbidden"])(
    "is the same for %s",
    (outcome) => {
      expect(show(decide(sending, failed(outcome)))).toBe("waiting 3/6 -2 after 3 at +30000");
    },
  );
});

describe("sending again", () => {
  const nothing: LaneEvent = { type: "sent-again", sequences: [9], now };

  it("that is idle stays so when there is nothing to send again", () => {
    expect(show(decide(idle, nothing))).toBe("idle 6/6 -2");
  });

  it("that waits goes on waiting when there is nothing to send again", () => {
    expect(show(decide({ ...waiting, dueAt: now + 9 }, nothing))).toBe("waiting 3/6 -2 after 2 at +9");
  });

  it("that sends 4 knows that 4 was accepted, though 1 is to be sent again meanwhile", () => {
    const { lane } = decide(sending, { type: "sent-again", sequences: [1], now });
    expect(show(decide(lane, accepted))).toBe("waiting 4/6 +1 after 0 at +0");
  });

  it("that sends 4 knows that 4 is gone, though 1 is to be sent again meanwhile", () => {
    const { lane } = decide(sending, { type: "sent-again", sequences: [1], now });
    expect(show(decide(lane, failed("gone")))).toBe("waiting 4/6 -2,4 +1 after 0 at +0: dead 4 (answered)");
  });

  it("that sends 4 does not make 1, which is to be sent again, wait for the failure of 4", () => {
    const { lane } = decide(sending, { type: "sent-again", sequences: [1], now });
    expect(show(decide(lane, failed("refused")))).toBe("waiting 3/6 -2 +1 after 3 at +0");
  });

  it("still counts the attempts at 4 after 1 was sent again before it", () => {
    let lane = decide(waiting, { type: "sent-again", sequences: [1], now }).lane;
    lane = decide(lane, claimed).lane;
    lane = decide(lane, accepted).lane;
    expect(show(decide(lane, claimed))).toBe("sending 3/6 -2 after 3: send 4 (3)");
  });
});
