import type { ListenedToolCall, TeamId } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { silentLog } from "../log.ts";
import { type ListenerQuestion, peerLimits } from "../peers.ts";
import { PeersInProcess } from "../peers/testing/in-process.ts";
import type { NodeNote, NodeRole } from "../store.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { listeningLimits } from "./limits.ts";
import { Listening } from "./listening.ts";

const team = "ours" as TeamId;
const sought = { teamId: team, assistantId: "asst-1" };

const call = (id: string, body = "{}"): ListenedToolCall => ({
  id,
  callId: "TC-1",
  assistantId: "asst-1",
  name: "findSlots",
  attempt: 1,
  body,
  timeoutMs: 10_000,
});

const answered = { type: "answered", status: 200, headers: {}, body: "nine" } as const;

/** Servers that share a store. */
function cluster() {
  const clock = virtualClock();
  const ways = new PeersInProcess();
  const nodes = new Map<string, NodeNote>();
  const words: string[] = [];
  const store = { isShared: true, nodes: async () => [...nodes.values()] };
  const join = (nodeId: string, roles: NodeRole[] = ["api", "calls"]): Listening => {
    const peers = ways.open();
    const listening = new Listening({ clock, log: silentLog, store, peers });
    const answer = (question: ListenerQuestion) => {
      words.push(`${nodeId} ${question.ask}`);
      return listening.answerPeer(question);
    };
    peers.serve(async (question) => answer(question as ListenerQuestion)).standAs(nodeId);
    nodes.set(nodeId, { nodeId, url: "", roles, live: 0, takesCalls: true });
    listening.standAs(nodeId);
    return listening;
  };
  return { clock, ways, nodes, words, store, join };
}

async function two() {
  const servers = cluster();
  const [one, other] = [servers.join("one"), servers.join("two")];
  return { ...servers, one, two: other };
}

describe("who listens", () => {
  it("is known to the others at once, and no more when it leaves", async () => {
    const { clock, one, two: other } = await two();
    const attached = other.attach(team, ["asst-1"]);
    await settled();
    expect([one.has(sought), one.has({ ...sought, assistantId: "asst-2" })]).toEqual([true, false]);
    attached.leave();
    await settled();
    expect(one.has(sought)).toBe(false);
    await clock.advance(listeningLimits.forgetAfterMs);
    expect(clock.waiting).toBe(0);
  });

  it("is told again, to who has just started and to who missed it, for as long as it is there", async () => {
    const { clock, ways, join, one, two: other } = await two();
    ways.away.add("one");
    other.attach(team, "all");
    await settled();
    expect(one.has(sought)).toBe(false);
    ways.away.delete("one");
    const three = join("three");
    await clock.advance(listeningLimits.tellEveryMs);
    expect([one.has(sought), three.has(sought)]).toEqual([true, true]);
    await clock.advance(10 * listeningLimits.forgetAfterMs);
    expect(one.has(sought)).toBe(true);
  });

  it("is forgotten with its server", async () => {
    const { clock, nodes, one, two: other } = await two();
    other.attach(team, "all");
    await settled();
    await other.close();
    nodes.delete("two");
    await clock.advance(listeningLimits.forgetAfterMs);
    expect([one.has(sought), clock.waiting]).toEqual([false, 0]);
  });

  it("is told to those who hold calls, and to nobody when nobody listens", async () => {
    const { clock, words, join, two: other } = await two();
    join("door", ["api"]);
    await clock.advance(10_000);
    expect(words).toEqual([]);
    other.attach(team, "all").leave();
    await clock.advance(10_000);
    expect(new Set(words)).toEqual(new Set(["one listen"]));
    expect(words.length).toBeLessThan(3);
  });

  it("is told where the store does not answer too, to those who were there", async () => {
    const { clock, store, one, two: other } = await two();
    other.attach(team, "all");
    await settled();
    store.nodes = () => new Promise(() => undefined);
    await clock.advance(10 * listeningLimits.forgetAfterMs);
    expect(one.has(sought)).toBe(true);
    store.nodes = () => Promise.reject(new Error("the store is away"));
    await clock.advance(10 * listeningLimits.forgetAfterMs);
    expect(one.has(sought)).toBe(true);
  });

  it("is told in bounds: of too many, the newest", async () => {
    const { clock, one, two: other } = await two();
    const long = "x".repeat(listeningLimits.toldBytesMax / 10);
    other.attach(team, ["asst-1"]);
    for (let count = 0; count < 10; count += 1) other.attach(team, [`${long}${count}`]);
    await clock.advance(0);
    expect([one.has(sought), one.has({ ...sought, assistantId: `${long}9` })]).toEqual([false, true]);
  });

  it("goes on when its server is another node", async () => {
    const { clock, ways, nodes, one, two: other } = await two();
    const attached = other.attach(team, "all");
    await settled();
    const [note] = [nodes.get("two")];
    nodes.delete("two");
    ways.away.add("two");
    const again = ways.open();
    again.serve((question) => other.answerPeer(question as ListenerQuestion)).standAs("two again");
    nodes.set("two again", { ...(note as NodeNote), nodeId: "two again" });
    other.standAs("two again");
    await settled();
    void one.offer(sought, call("t1"));
    await clock.advance(0);
    expect(attached.take()).toEqual([call("t1")]);
  });
});

describe("a tool call", () => {
  it("goes to the newest, wherever that is", async () => {
    const { clock, one, two: other } = await two();
    const there = other.attach(team, "all");
    await clock.advance(1);
    const here = one.attach(team, "all");
    await settled();
    void one.offer(sought, call("t1"));
    expect(here.take()).toEqual([call("t1")]);
    void other.offer(sought, call("t2"));
    await settled();
    expect([there.take(), here.take()]).toEqual([[], [call("t2")]]);
    here.leave();
    await settled();
    void one.offer(sought, call("t3"));
    await settled();
    expect(there.take()).toEqual([call("t3")]);
  });

  it.each(["one", "two", "three"])("is answered at any server: %s", async (at) => {
    const { join, one, two: other } = await two();
    const servers = { one, two: other, three: join("three") };
    const attached = other.attach(team, "all");
    await settled();
    const outcome = one.offer(sought, call("t1"));
    await settled();
    attached.take();
    const door = servers[at as keyof typeof servers];
    expect(await door.answer("theirs" as TeamId, "t1", answered)).toBe("not-waited-for");
    expect(await door.answer(team, "t1", { type: "taken" })).toBe("heard");
    expect(await door.answer(team, "t1", { type: "taken" })).toBe("heard");
    expect(await door.answer(team, "t1", answered)).toBe("heard");
    expect(await outcome).toMatchObject({ kind: "answered", body: Buffer.from("nine") });
    expect(await door.answer(team, "t1", answered)).toBe("not-waited-for");
  });

  it.each<[string, "away" | "mute"]>([
    ["was not reached", "away"],
    ["may have heard it", "mute"],
  ])("that is not known here may be known to a server that %s", async (_name, how) => {
    const { ways, join, one, two: other } = await two();
    const three = join("three");
    other.attach(team, "all");
    await settled();
    void one.offer(sought, call("t1"));
    await settled();
    ways[how].add("two");
    expect(await three.answer(team, "t1", { type: "taken" })).toBe("unknown");
    ways[how].delete("two");
    expect(await three.answer(team, "t1", { type: "taken" })).toBe("heard");
  });

  it("is not begun at a listener that has gone, or that takes nothing", async () => {
    const { clock, ways, one, two: other } = await two();
    const attached = other.attach(team, "all");
    await settled();
    const untaken = one.offer(sought, call("t1"));
    await clock.advance(listeningLimits.takeMaxMs);
    expect(await untaken).toBe("untaken");
    expect(attached.gone.aborted).toBe(true);
    other.attach(team, "all");
    await settled();
    ways.away.add("two");
    expect(await one.offer(sought, call("t2"))).toBe("untaken");
  });

  it("fails when its server falls silent, though it cannot be known whether it was carried out", async () => {
    const { clock, ways, one, two: other } = await two();
    other.attach(team, "all");
    await settled();
    const outcome = one.offer(sought, call("t1"));
    await settled();
    await other.answer(team, "t1", { type: "taken" });
    ways.away.add("one");
    await clock.advance(listeningLimits.forgetAfterMs);
    expect(await outcome).toMatchObject({ kind: "unreachable", connected: true });
  });

  it("is not sent where too many are under way", async () => {
    const { words, one, two: other } = await two();
    other.attach(team, "all");
    await settled();
    for (let count = 0; count < listeningLimits.toolCallsMax; count += 1)
      void one.offer(sought, call(`t${count}`));
    await settled();
    expect(await one.offer(sought, call("one more"))).toBe("untaken");
    expect(words.filter((word) => word === "two offer")).toHaveLength(listeningLimits.toolCallsMax);
    await other.answer(team, "t7", answered);
    await settled();
    void one.offer(sought, call("one more"));
    await settled();
    expect(words.filter((word) => word === "two offer")).toHaveLength(listeningLimits.toolCallsMax + 1);
  });

  it("that is too large for the way is not sent, and not begun", async () => {
    const { words, one, two: other } = await two();
    other.attach(team, "all");
    await settled();
    expect(await one.offer(sought, call("t1", "x".repeat(peerLimits.bytesMax)))).toBe("untaken");
    expect(words).not.toContain("two offer");
  });
});

it("at a server that has its store alone, knows its own only, and holds no timer", async () => {
  const clock = virtualClock();
  const listening = new Listening({
    clock,
    log: silentLog,
    store: { isShared: false, nodes: async () => [] },
  });
  listening.attach(team, "all");
  expect(listening.has(sought)).toBe(true);
  expect(await listening.answer(team, "t1", { type: "taken" })).toBe("not-waited-for");
  expect(clock.waiting).toBe(0);
});
