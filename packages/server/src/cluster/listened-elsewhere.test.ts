import type { CallId, JsonObject, ListenerAnswer } from "@offhook/protocol";
import { expect, test } from "vitest";
import { listeningLimits } from "../listening/limits.ts";
import { connecting, journalOf } from "../testing/house.ts";
import type { RecordingEgress } from "../testing/receiver.ts";
import { toldBy } from "../testing/talk.ts";
import { settled } from "../testing/virtual-clock.ts";
import { Cluster } from "./testing/cluster.ts";

const clerk: JsonObject = {
  name: "Clerk",
  assistantProvider: "rehearsal",
  tools: [{ name: "findSlots", parameters: { type: "object", properties: {} } }],
  rehearsal: {
    rules: [
      { when: ["monday"], call: [{ name: "findSlots", arguments: {} }] },
      { after: "findSlots", say: "I found {{result}}." },
    ],
    otherwise: "Which day?",
  },
};
const withServer = { ...clerk, assistantServer: { url: "http://127.0.0.1:9/offhook" } };

const answered: ListenerAnswer = { type: "answered", status: 200, headers: {}, body: '{"result":"nine"}' };

/** A call at one server; somebody listens at another; and a third. */
async function callElsewhere(assistant: JsonObject = withServer) {
  const cluster = new Cluster();
  const [one, two, three] = [cluster.join("one"), cluster.join("two"), cluster.join("three")];
  const { teamId } = one;
  const attached = two.listeners.attach(teamId, "all");
  const call = await one.doors.connect({ teamId, body: connecting(assistant) });
  if ("refused" in call) throw new Error(call.detail);
  const callId = call.id as CallId;
  await cluster.clock.advance(1_000);
  /** Has the tool called; until then nobody has taken it. */
  const asked = async () => {
    await one.doors.hear({ teamId, callId, text: "On Monday" });
    await cluster.clock.until(() => attached.waiting(), 3_000);
    return attached.take();
  };
  const outcome = async () => {
    const entries = await journalOf(one.store, callId);
    return entries.flatMap(({ what }) => (what.type === "tool-answered" ? [what.outcome] : []));
  };
  return { cluster, one, two, three, teamId, attached, asked, outcome };
}

/** Tool calls that reached the Server URL, from whichever server. */
function sentBy(...servers: { egress: unknown }[]): number {
  const told = servers.flatMap(({ egress }) => toldBy(egress as RecordingEgress));
  return told.filter(({ type }) => type === "function-call").length;
}

test.each(["two", "three"] as const)(
  "a tool call comes to who listens at another server, and its answer, given at server %s, to the call",
  async (at) => {
    const house = await callElsewhere();
    const { cluster, one, two, three, teamId, asked, outcome } = house;
    const [call] = await asked();
    expect(call).toMatchObject({ name: "findSlots", attempt: 1, assistantId: null });
    const door = house[at].listeners;
    const id = call?.id ?? "";
    expect(await door.answer(teamId, id, { type: "taken" })).toBe("heard");
    await cluster.clock.advance(2 * listeningLimits.takeMaxMs);
    expect(await door.answer(teamId, id, answered)).toBe("heard");
    await cluster.clock.advance(1_000);
    expect(await outcome()).toMatchObject([{ kind: "result", result: "nine" }]);
    expect(sentBy(one, two, three)).toBe(0);
  },
);

test("a tool call for a call without a Server URL comes too", async () => {
  const { cluster, two, teamId, asked, outcome } = await callElsewhere(clerk);
  const [call] = await asked();
  await two.listeners.answer(teamId, call?.id ?? "", answered);
  await cluster.clock.advance(1_000);
  expect(await outcome()).toMatchObject([{ kind: "result", result: "nine" }]);
});

test("the Server URL is asked when the listener has gone before it was given anything", async () => {
  const { cluster, one, attached, asked, outcome } = await callElsewhere();
  const waiting = asked();
  await waiting;
  attached.leave();
  await cluster.clock.advance(1_000);
  expect(await outcome()).toHaveLength(1);
  expect(sentBy(one)).toBe(1);
});

test("the Server URL is asked when the listener's server is not there, at once", async () => {
  const { cluster, one, teamId, outcome } = await callElsewhere();
  cluster.lose("two");
  const [call] = cluster.holders.keys();
  await one.doors.hear({ teamId, callId: call as CallId, text: "On Monday" });
  await cluster.clock.advance(1_000);
  expect(await outcome()).toHaveLength(1);
  expect(sentBy(one)).toBe(1);
});

test.each<[string, boolean]>([
  ["was given, and may have been taken", false],
  ["was taken", true],
])("a tool call that %s by a server that is no more is asked nowhere else", async (_name, isTaken) => {
  const { cluster, one, two, three, teamId, asked, outcome } = await callElsewhere();
  const [call] = await asked();
  if (isTaken) await two.listeners.answer(teamId, call?.id ?? "", { type: "taken" });
  // It hears, and nothing is heard of it any more.
  cluster.ways.mute.add("two");
  await two.listeners.close();
  await cluster.clock.advance(listeningLimits.forgetAfterMs + 1_000);
  await settled();
  expect(await outcome()).toMatchObject([{ kind: "error", code: "unreachable" }]);
  await cluster.clock.advance(60_000);
  expect(sentBy(one, two, three)).toBe(0);
});
