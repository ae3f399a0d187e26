import { makeCallId, type TeamId } from "@offhook/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../clock.ts";
import { silentLog } from "../log.ts";
import { type NatsLine, openNatsLine } from "../nats/nats-line.ts";
import { peerLimits, type PeerQuestion } from "../peers.ts";
import { natsMissing, NatsServer } from "../testing/nats-server.ts";
import { openNatsPeers } from "./nats.ts";
import { peersContract } from "./testing/peers-contract.ts";

const missing = natsMissing();
if (missing !== undefined) process.stdout.write(`${missing}; questions over NATS are not looked at\n`);
// In CI it must be there: a check that is passed over there is none.
const isPassedOver = missing !== undefined && process.env["CI"] === undefined;

const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const question: PeerQuestion = { ask: "leave", teamId: "ours" as TeamId, callId };
const peerOf = (nodeId: string) => ({ nodeId, url: "" });

const lines = new Set<NatsLine>();
afterEach(async () => {
  for (const line of lines) await line.close();
  lines.clear();
});

async function open(nats: NatsServer, space = "one") {
  const line = openNatsLine({ address: nats.address, clock: systemClock, log: silentLog });
  lines.add(line);
  await vi.waitFor(() => expect(line.isUp).toBe(true), 5_000);
  return openNatsPeers({ line, space, log: silentLog });
}

describe.skipIf(isPassedOver)("over NATS", () => {
  peersContract("nats", async () => {
    const nats = await NatsServer.open();
    return { here: await open(nats), there: await open(nats), peerOf, close: () => nats.kill() };
  });

  test("a node of another store is not reached, though it has the same name", async () => {
    await using nats = await NatsServer.open();
    const [here, stranger] = [await open(nats), await open(nats, "two")];
    const asked: PeerQuestion[] = [];
    const answer = async (given: PeerQuestion) => {
      asked.push(given);
      return { answer: "done" } as const;
    };
    stranger.serve(answer).standAs("node");
    expect(await here.ask(peerOf("node"), question)).toEqual({ unreached: "nobody" });
    expect(asked).toEqual([]);
  });

  test("who does not answer is waited for so long; whether it was done is not known", async () => {
    await using nats = await NatsServer.open();
    const [here, there] = [await open(nats), await open(nats)];
    there.serve(() => new Promise(() => undefined)).standAs("node");
    await vi.waitFor(async () => {
      const begunAt = performance.now();
      expect(await here.ask(peerOf("node"), question)).toEqual({ unreached: "no-answer" });
      expect(performance.now() - begunAt).toBeGreaterThan(peerLimits.askMaxMs - 100);
    }, 20_000);
  }, 30_000);

  test("without NATS nobody is reached, at once, and again when it is back", async () => {
    await using nats = await NatsServer.open();
    const [here, there] = [await open(nats), await open(nats)];
    there.serve(async () => ({ answer: "done" })).standAs("node");
    await vi.waitFor(async () =>
      expect(await here.ask(peerOf("node"), question)).toEqual({ answer: "done" }),
    );
    await nats.kill();
    await vi.waitFor(() => expect([...lines].some(({ isUp }) => isUp)).toBe(false), 5_000);
    const begunAt = performance.now();
    expect(await here.ask(peerOf("node"), question)).toEqual({ unreached: "nobody" });
    expect(performance.now() - begunAt).toBeLessThan(100);
    await nats.start();
    await vi.waitFor(
      async () => expect(await here.ask(peerOf("node"), question)).toEqual({ answer: "done" }),
      10_000,
    );
  }, 30_000);
});
