import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreError } from "./store.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import { openReceiver, type Receiver } from "./testing/receiver.ts";
import { eventually, idIn, messageIn, testEnv } from "./testing/running-app.ts";
import { type ServerProcess, startServer } from "./testing/server-process.ts";

const conversations = "/calls/v1/conversations";
const callsMax = 40;
const turnsPerCall = 5;

let folder: string;
let receiver: Receiver;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-overload-"));
  receiver = await openReceiver();
});
afterEach(async () => {
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

function connect({ api }: ServerProcess, more: JsonObject = {}) {
  const assistant = {
    name: "Echo",
    assistantProvider: "rehearsal",
    assistantServer: { url: receiver.url },
    ...more,
  };
  return api("POST", `${conversations}/connect`, { assistant });
}

/** Turns of all calls side by side, each call's one after another; answers how long each took, the shortest first, in ms. */
async function turnsOf({ api }: ServerProcess, ids: readonly string[]): Promise<number[]> {
  const took: number[] = [];
  const talk = async (id: string): Promise<void> => {
    for (let turn = 1; turn <= turnsPerCall; turn += 1) {
      const begun = performance.now();
      const { status, body } = await api("POST", `${conversations}/${id}/messages?wait=true`, {
        text: `Turn ${turn}`,
      });
      expect({ status, body }).toMatchObject({ status: 200 });
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(ids.map(talk));
  return took.toSorted((one, other) => one - other);
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One after another asks for a call until told to stop; answers how often which status came. */
async function knock(server: ServerProcess, isOver: () => boolean): Promise<Map<string, number>> {
  const answers = new Map<string, number>();
  while (!isOver()) {
    const { status, body, headers } = await connect(server);
    const answer = `${status} ${JSON.stringify(body["code"])} retry-after ${headers.get("retry-after")}`;
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  return answers;
}

test("twice the calls that it holds: the second half is refused early, and those that live keep their turns", async () => {
  const server = await startServer(testEnv(folder, { OFFHOOK_CALLS_MAX: String(callsMax) }));
  const placed = await Promise.all(Array.from({ length: 2 * callsMax }, () => connect(server)));
  const ids = placed.flatMap(({ status, body }) => (status === 201 ? [idIn(body)] : []));
  expect(ids).toHaveLength(callsMax);
  const alone = await turnsOf(server, ids);

  let isOver = false;
  const knocking = Promise.all(Array.from({ length: callsMax }, () => knock(server, () => isOver)));
  const beside = await turnsOf(server, ids);
  isOver = true;
  const answers = new Set((await knocking).flatMap((each) => [...each.keys()]));
  const [one, other] = [middle(alone).toFixed(0), middle(beside).toFixed(0)];
  process.stdout.write(
    `a turn of ${callsMax} calls: ${one} ms alone, ${other} ms beside ${callsMax} that knock\n`,
  );
  expect(answers).toEqual(new Set(['503 "over-capacity" retry-after 2']));
  expect(beside).toHaveLength(callsMax * turnsPerCall);
  // An order of magnitude: both halves share two cores, also with this test.
  expect(middle(beside)).toBeLessThan(Math.max(10 * middle(alone), 1_000));

  const first = ids[0] ?? "";
  expect((await server.api("POST", `${conversations}/${first}/control`, { type: "end" })).status).toBe(200);
  await eventually(async () => (await connect(server)).status === 201);
  expect(await server.stop()).toBe(0);
  const reports = receiver.requests.map(messageIn).filter(({ type }) => type === "end-of-call-report");
  const reported = reports.map(({ call }) => call as JsonObject);
  expect(new Set(reported.map(idIn)).size).toBe(reports.length);
  // Who was refused is told of as a call that was, too.
  const held = reported.filter(({ endedReason }) => endedReason !== "rejected-over-capacity");
  expect(held).toHaveLength(callsMax + 1);
  expect(reported.length).toBeGreaterThan(held.length);
}, 120_000);

test("more controls than may wait for one call: 429 and when to come back, and the call goes on", async () => {
  const server = await startServer(testEnv(folder));
  const rehearsal = { rules: [{ when: ["slowly"], say: "At last.", delayMs: 5_000 }] };
  const { body } = await connect(server, { rehearsal });
  const call = `${conversations}/${idIn(body)}`;
  expect((await server.api("POST", `${call}/messages`, { text: "slowly" })).status).toBe(202);
  const orders = Array.from({ length: 80 }, (_, index) =>
    server.api("POST", `${call}/control`, {
      type: "add-message",
      role: "user",
      text: `And ${index}`,
      respond: true,
    }),
  );
  const answers = (await Promise.all(orders)).map(({ status, headers }) => [
    status,
    headers.get("retry-after"),
  ]);
  expect(answers).toContainEqual([200, null]);
  expect(answers).toContainEqual([429, "2"]);
  expect(answers.every(([status]) => status === 200 || status === 429)).toBe(true);
  expect((await server.api("POST", `${call}/messages?wait=true`, { text: "Hello" })).status).toBe(200);
  expect(await server.stop()).toBe(0);
}, 60_000);

/** The limit of thread.ts, and some. */
const asked = 110_000;

test("a store that is asked more than may wait refuses the rest at once, does the others, and goes on", async () => {
  const store = await openSqliteStore(join(folder, "offhook.sqlite"));
  const outcomes = await Promise.allSettled(Array.from({ length: asked }, () => store.countKeys()));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(asked / 2);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(StoreError);
  expect(String(refused[0]?.reason)).toContain("slow down");
  expect(await store.countKeys()).toBe(0);
  await store.close();
}, 60_000);
