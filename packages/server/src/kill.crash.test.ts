import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@offhook/protocol";
import { expect, test } from "vitest";
import { sleep, systemClock } from "./clock.ts";
import { openReceiver, type Received } from "./testing/receiver.ts";
import { eventually, idIn, messageIn, testEnv } from "./testing/running-app.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { type ServerProcess, startServer } from "./testing/server-process.ts";

/** CRASH_ROUNDS=200 for a night; a few in CI. */
const rounds = Number(process.env["CRASH_ROUNDS"] ?? 5);
const seed = Number(process.env["CRASH_SEED"] ?? 1);
const callsPerRound = 12;
const linesPerCall = 4;
/** The server is killed at a random instant of this time, in ms. */
const loadMs = 600;

/** Talks in a call until the server is gone; the call's id, if the server said it had one. */
async function talk(server: ServerProcess, url: string): Promise<string | undefined> {
  const assistant = {
    name: "Echo",
    assistantProvider: "rehearsal",
    welcomeMessage: "Hello.",
    assistantServer: { url },
  };
  const connected = await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  const id = idIn(connected.body);
  for (let line = 1; line <= linesPerCall; line += 1) {
    const path = `/calls/v1/conversations/${id}/messages?wait=true`;
    await server.api("POST", path, { text: `Line ${line}` }).catch(() => undefined);
  }
  await server.api("POST", `/calls/v1/conversations/${id}/control`, { type: "end" }).catch(() => undefined);
  return id;
}

/** What was received of each call, in the order of receiving. */
function byCall(requests: readonly Received[]): Map<string, JsonObject[]> {
  const calls = new Map<string, JsonObject[]>();
  for (const request of requests) {
    const message = messageIn(request);
    const id = idIn(message["call"] as JsonObject);
    calls.set(id, [...(calls.get(id) ?? []), message]);
  }
  return calls;
}

type Sums = { lost: number; reordered: number; renamed: number; reports: number };

/** Counts faults of one call: sequences that never came, came too early, or came under two ids; and its reports. */
function check(messages: readonly JsonObject[]): Sums {
  const ids = new Map<unknown, unknown>();
  const sums = { lost: 0, reordered: 0, renamed: 0, reports: 0 };
  for (const message of messages) {
    const { sequence, id } = message;
    const missed = (message["missed"] ?? []) as number[];
    if (!ids.has(sequence)) {
      for (const one of missed) ids.set(one, "superseded");
      if (sequence !== ids.size + 1) sums.reordered += 1;
      ids.set(sequence, id);
      if (message["type"] === "end-of-call-report") sums.reports += 1;
    } else if (ids.get(sequence) !== id) sums.renamed += 1;
  }
  const last = Math.max(...[...ids.keys()].map(Number));
  sums.lost = last - ids.size;
  return sums;
}

test(
  `kill -9 at ${rounds} random instants under load: nothing lost, nothing out of order, one report for each call`,
  async () => {
    const random = seededRandom(seed);
    const folder = await mkdtemp(join(tmpdir(), "offhook-crash-"));
    const receiver = await openReceiver({
      script: (_request, number) => ({
        act: "answer",
        status: number % 11 === 3 ? 500 : 200,
        delayMs: number % 4,
      }),
    });
    const known = new Set<string>();
    for (let round = 1; round <= rounds; round += 1) {
      const server = await startServer(testEnv(folder));
      const talks = Array.from({ length: callsPerRound }, () =>
        talk(server, `${receiver.url}/x`).catch(() => undefined),
      );
      await sleep(systemClock, random.fraction() * loadMs);
      await server.kill();
      for (const id of await Promise.all(talks)) if (id !== undefined && id !== "") known.add(id);
    }
    const last = await startServer(testEnv(folder));
    const reported = (): boolean =>
      [...byCall(receiver.requests).values()].every((messages) => check(messages).reports > 0);
    const isEvery = (): boolean => [...known].every((id) => byCall(receiver.requests).has(id));
    await eventually(() => isEvery() && reported(), 90_000);
    await last.stop();
    const sums = { calls: 0, lost: 0, reordered: 0, renamed: 0, withoutOneReport: 0 };
    for (const messages of byCall(receiver.requests).values()) {
      const { lost, reordered, renamed, reports } = check(messages);
      sums.calls += 1;
      sums.lost += lost;
      sums.reordered += reordered;
      sums.renamed += renamed;
      if (reports !== 1) sums.withoutOneReport += 1;
    }
    process.stdout.write(
      `seed ${seed}, ${rounds} kills, ${receiver.requests.length} requests: ${JSON.stringify(sums)}\n`,
    );
    expect(sums.calls).toBeGreaterThan(0);
    expect(sums).toMatchObject({ lost: 0, reordered: 0, renamed: 0, withoutOneReport: 0 });
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  },
  600_000 + rounds * 10_000,
);
