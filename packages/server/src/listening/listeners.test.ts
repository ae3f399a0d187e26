import type { ListenedToolCall, TeamId } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { listeningLimits } from "./limits.ts";
import { Listeners } from "./listeners.ts";

const team = "default" as TeamId;
const reception = { teamId: team, assistantId: "asst-1" };

const call = (id: string, timeoutMs = 10_000): ListenedToolCall => ({
  id,
  callId: "TC-1",
  assistantId: "asst-1",
  name: "findSlots",
  attempt: 1,
  body: "{}",
  timeoutMs,
});

const answered = { type: "answered", status: 200, headers: {}, body: '{"result": "nine"}' } as const;

function house() {
  const clock = virtualClock();
  return { clock, listeners: new Listeners(clock) };
}

describe("a tool call at a listener", () => {
  it("is handed over once, taken, and answered", async () => {
    const { listeners } = house();
    const attached = listeners.attach(team, ["asst-1"]);
    const outcome = listeners.offer(reception, call("t1"));
    expect(attached.waiting()).toBe(true);
    expect(attached.take()).toEqual([call("t1")]);
    expect(attached.take()).toEqual([]);
    expect(listeners.answer(team, "t1", { type: "taken" })).toBe(true);
    expect(listeners.answer(team, "t1", answered)).toBe(true);
    expect(await outcome).toMatchObject({ kind: "answered", status: 200, body: Buffer.from(answered.body) });
    expect(listeners.answer(team, "t1", answered)).toBe(false);
  });

  it("goes elsewhere when it is not taken in time, and so do all that come after it", async () => {
    const { clock, listeners } = house();
    const attached = listeners.attach(team, "all");
    const outcome = listeners.offer(reception, call("t1"));
    await clock.advance(listeningLimits.takeMaxMs);
    expect(await outcome).toBe("untaken");
    expect(attached.gone.aborted).toBe(true);
    expect(listeners.since(reception)).toBe(undefined);
    expect(clock.waiting).toBe(0);
  });

  it("has timed out when it was taken and not answered in its time", async () => {
    const { clock, listeners } = house();
    listeners.attach(team, "all");
    const outcome = listeners.offer(reception, call("t1", 5_000));
    await clock.advance(1_000);
    listeners.answer(team, "t1", { type: "taken" });
    await clock.advance(3_999);
    expect(listeners.answer(team, "t1", { type: "taken" })).toBe(true);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ kind: "timed-out", elapsedMs: 5_000 });
    expect(listeners.since(reception)).toBeDefined();
  });

  it.each([
    ["not taken", false, "untaken"],
    ["taken", true, { kind: "unreachable", connected: true }],
  ])("is %s when its listener leaves", async (_name, isTaken, expected) => {
    const { listeners } = house();
    const attached = listeners.attach(team, "all");
    const outcome = listeners.offer(reception, call("t1"));
    if (isTaken) listeners.answer(team, "t1", { type: "taken" });
    attached.leave();
    expect(await outcome).toEqual(
      typeof expected === "string" ? expected : expect.objectContaining(expected),
    );
  });

  it("is too large to be read beyond the limit, by its bytes", async () => {
    const { listeners } = house();
    listeners.attach(team, "all");
    const body = "ü".repeat(listeningLimits.answerBytesMax / 2);
    const large = listeners.offer(reception, call("t1"));
    listeners.answer(team, "t1", { ...answered, body });
    expect(await large).toMatchObject({ kind: "answered" });
    const larger = listeners.offer(reception, call("t2"));
    listeners.answer(team, "t2", { ...answered, body: `${body}x` });
    expect(await larger).toMatchObject({ kind: "too-large" });
  });

  it("fails as the listener says, and stops when nobody waits for it", async () => {
    const { clock, listeners } = house();
    listeners.attach(team, "all");
    const failed = listeners.offer(reception, call("t1"));
    listeners.answer(team, "t1", { type: "failed", detail: "connect ECONNREFUSED" });
    expect(await failed).toMatchObject({ kind: "unreachable", detail: "connect ECONNREFUSED" });
    const stop = new AbortController();
    const stopped = listeners.offer(reception, call("t2"), stop.signal);
    stop.abort();
    expect(await stopped).toMatchObject({ kind: "stopped" });
    expect(clock.waiting).toBe(0);
  });
});

describe("who is asked", () => {
  it.each([
    ["its own assistant", team, ["asst-1", "asst-2"], true],
    ["all", team, "all" as const, true],
    ["another assistant", team, ["asst-2"], false],
    ["another team", "other" as TeamId, "all" as const, false],
  ])("a listener to %s", (_name, teamId, listened, has) => {
    const { listeners } = house();
    listeners.attach(teamId, listened);
    const isListenedTo = (sought: typeof reception | { teamId: TeamId; assistantId: null }): boolean =>
      listeners.since(sought) !== undefined;
    expect(isListenedTo(reception)).toBe(has);
    expect(isListenedTo({ ...reception, assistantId: null })).toBe(has && listened === "all");
  });

  it("is the newest, and the one before it again when that leaves", async () => {
    const { listeners } = house();
    const old = listeners.attach(team, "all");
    const young = listeners.attach(team, ["asst-1"]);
    void listeners.offer(reception, call("t1"));
    expect([old.waiting(), young.waiting()]).toEqual([false, true]);
    young.leave();
    void listeners.offer(reception, call("t2"));
    expect(old.take().map(({ id }) => id)).toEqual(["t2"]);
  });

  it("is nobody when the listener has too much to do", async () => {
    const { listeners } = house();
    listeners.attach(team, "all");
    for (let count = 0; count < listeningLimits.toolCallsMax; count += 1)
      void listeners.offer(reception, call(`t${count}`));
    expect(await listeners.offer(reception, call("one more"))).toBe("untaken");
    await settled();
  });

  it("does not hear answers of another team", () => {
    const { listeners } = house();
    listeners.attach(team, "all");
    void listeners.offer(reception, call("t1"));
    expect(listeners.answer("other" as TeamId, "t1", answered)).toBe(false);
  });
});
