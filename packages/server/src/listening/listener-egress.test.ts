import { type TeamId, wireHeaders } from "@offhook/protocol";
import { expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import type { EgressRequest } from "../delivery/egress-port.ts";
import { silentLog } from "../log.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { listenerEgress, listenerUrl } from "./listener-egress.ts";
import { listeningLimits } from "./limits.ts";
import { Listening } from "./listening.ts";

const reception = { teamId: "default" as TeamId, assistantId: "asst-1" };

const request = (url: string): EgressRequest => ({
  url,
  method: "POST",
  headers: {
    [wireHeaders.toolCallId]: "t1",
    [wireHeaders.callId]: "TC-1",
    [wireHeaders.toolName]: "findSlots",
    [wireHeaders.attempt]: "2",
    [wireHeaders.sharedSecret]: "a secret",
    authorization: "Bearer hidden",
  },
  body: '{"message":{}}',
  timeoutMs: 20_000,
  answerBytesMax: 1_024,
  overLimit: "refuse",
  repeatable: true,
});

/** At a server that has its store alone. */
function alone(clock: Clock): Listening {
  return new Listening({ clock, log: silentLog, store: { isShared: false, nodes: async () => [] } });
}

function house() {
  const clock = virtualClock();
  const egress = recordingEgress(clock);
  const listeners = alone(clock);
  return { clock, egress, listeners, way: () => listenerEgress({ listeners, egress, clock }, reception) };
}

it("is none when nobody listens", () => {
  expect(house().way()).toBeUndefined();
});

it("hands over what the application needs, and no secret", async () => {
  const { egress, listeners, way } = house();
  const attached = listeners.attach(reception.teamId, "all");
  const answer = way()?.send(request("https://example.org/hook"));
  const offered = attached.take();
  expect(offered).toEqual([
    {
      id: "t1",
      callId: "TC-1",
      assistantId: "asst-1",
      name: "findSlots",
      attempt: 2,
      body: '{"message":{}}',
      timeoutMs: 20_000,
    },
  ]);
  await listeners.answer(reception.teamId, "t1", { type: "answered", status: 200, headers: {}, body: "ok" });
  expect(await answer).toMatchObject({ kind: "answered", status: 200 });
  expect(egress.requests).toEqual([]);
});

it("asks the Server URL in what is left of the time when the listener does not take it", async () => {
  const { clock, egress, listeners, way } = house();
  listeners.attach(reception.teamId, "all");
  const answer = way()?.send(request("https://example.org/hook"));
  await clock.advance(listeningLimits.takeMaxMs);
  expect(await answer).toMatchObject({ kind: "answered" });
  expect(egress.requests).toMatchObject([{ path: "/hook", headers: { authorization: "Bearer hidden" } }]);
});

it("takes no longer than its time, wherever it is asked", async () => {
  const clock = virtualClock();
  const egress = recordingEgress(clock, [{ act: "never" }]);
  const listeners = alone(clock);
  listeners.attach(reception.teamId, "all");
  const begunAt = clock.now();
  const answer = listenerEgress({ listeners, egress, clock }, reception)?.send(
    request("https://example.org/hook"),
  );
  let endedAt = 0;
  void answer?.then(() => (endedAt = clock.now()));
  await clock.advance(60_000);
  expect(await answer).toMatchObject({ kind: "timed-out" });
  expect(endedAt - begunAt).toBe(20_000);
});

it("says so when there is no Server URL either", async () => {
  const { egress, listeners, way } = house();
  const attached = listeners.attach(reception.teamId, "all");
  const answer = way()?.send(request(listenerUrl));
  attached.leave();
  expect(await answer).toMatchObject({
    kind: "unreachable",
    detail: expect.stringContaining("assistantServer"),
  });
  await settled();
  expect(egress.requests).toEqual([]);
});
