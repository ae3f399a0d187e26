import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAiServer } from "./testing/openai-server.ts";
import { silence, textReply } from "./testing/openai-replies.ts";
import { openReceiver, type Receiver } from "./testing/receiver.ts";
import { appSecret, eventually, idIn, messageIn, refereed, testEnv } from "./testing/running-app.ts";
import { startServer } from "./testing/server-process.ts";

let folder: string;
let receiver: Receiver;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-"));
  receiver = await openReceiver();
});

afterEach(async () => {
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const ended = (): boolean =>
  receiver.requests.some((request) => messageIn(request)["type"] === "end-of-call-report");

test("kill -9 in a call: the next start goes on with it, its report comes once, and nothing before it is missing", async () => {
  const model = await openAiServer({ replies: [silence(60_000), textReply("Here I am.")] });
  const env = testEnv(folder, { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: model.url });
  const first = await startServer(env);
  const assistant = {
    name: "Clinic",
    welcomeMessage: "Good morning.",
    assistantServer: { url: `${receiver.url}/x`, secret: appSecret },
  };
  const { body } = await first.api("POST", "/calls/v1/conversations/connect", { assistant });
  const said = await first.api("POST", `/calls/v1/conversations/${idIn(body)}/messages`, {
    text: "Hello?",
  });
  expect(said.status).toBe(202);
  await eventually(() => model.requests.length === 1);
  await first.kill();

  const second = await startServer(env);
  const path = `/calls/v1/conversations/${idIn(body)}`;
  await eventually(async () => JSON.stringify((await second.api("GET", path)).body).includes("Here I am."));
  await second.api("POST", `${path}/control`, { type: "end" });
  await eventually(ended);
  const messages = refereed(receiver.requests);
  const firsts = new Map(messages.map((message) => [message["sequence"], message]));
  expect([...firsts.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect([...firsts.values()].map(({ type }) => type)).toEqual([
    "status-update",
    "status-update",
    "conversation-update",
    "conversation-update",
    "conversation-update",
    "status-update",
    "end-of-call-report",
  ]);
  const report = firsts.get(7);
  expect(report?.["call"]).toMatchObject({ status: "finished", endedReason: "control-ended" });
  expect(report?.["messages"]).toMatchObject([
    { text: "Good morning." },
    { text: "Hello?" },
    { text: "Here I am." },
  ]);
  const ids = new Map(messages.map(({ id, sequence }) => [id, sequence]));
  expect(ids.size).toBe(7);
  expect(await second.stop()).toBe(0);
  await model.close();
});

test("SIGINT ends live calls with their reports and exits with 0", async () => {
  const server = await startServer(testEnv(folder));
  const assistant: JsonObject = {
    name: "Echo",
    assistantProvider: "rehearsal",
    assistantServer: { url: `${receiver.url}/x` },
  };
  await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  expect(await server.stop()).toBe(0);
  expect(receiver.requests.map((request) => messageIn(request)["type"])).toEqual([
    "status-update",
    "status-update",
    "status-update",
    "end-of-call-report",
  ]);
  expect(messageIn(receiver.requests.at(-1) ?? receiver.requests[0]!)["call"]).toMatchObject({
    endedReason: "server-stopped",
  });
});

test("a drain refuses new calls and keeps the live ones until a second signal", async () => {
  const server = await startServer(testEnv(folder, { OFFHOOK_DRAIN_SECONDS: "600" }));
  const assistant: JsonObject = {
    name: "Echo",
    assistantProvider: "rehearsal",
    assistantServer: { url: `${receiver.url}/x` },
  };
  const { body } = await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  server.signal("SIGTERM");
  await eventually(async () => (await fetch(`${server.url}/readyz`)).status === 503);
  const refused = await fetch(`${server.url}/readyz`);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await server.api("POST", "/calls/v1/conversations/connect", { assistant })).status).toBe(503);
  const said = await server.api("POST", `/calls/v1/conversations/${idIn(body)}/messages?wait=true`, {
    text: "Hi",
  });
  expect(said.body["outcome"]).toBe("answered");
  expect(await server.stop()).toBe(0);
  expect(messageIn(receiver.requests.at(-1) ?? receiver.requests[0]!)).toMatchObject({
    type: "end-of-call-report",
    call: { endedReason: "server-stopped" },
  });
});

test("over capacity the API says when to come back", async () => {
  const server = await startServer(testEnv(folder, { OFFHOOK_CALLS_MAX: "2", OFFHOOK_TEAM_CALLS_MAX: "1" }));
  const assistant: JsonObject = { name: "Echo", assistantProvider: "rehearsal" };
  await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  const refused = await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  expect(refused).toMatchObject({ status: 429, body: { code: "team-over-capacity" } });
  const calls = await server.api("GET", "/calls/v1/conversations?status=finished");
  expect(calls.body).toMatchObject({ totalCount: 1, data: [{ endedReason: "rejected-over-capacity" }] });
  expect(await server.stop()).toBe(0);
});

test("two servers on one data folder: the second says so and leaves", async () => {
  const first = await startServer(testEnv(folder));
  await expect(startServer(testEnv(folder))).rejects.toThrow("in use by another process");
  expect(await first.stop()).toBe(0);
});

test("a port that is in use is one sentence", async () => {
  const first = await startServer(testEnv(folder));
  const other = testEnv(join(folder, "other"), { OFFHOOK_PORT: new URL(first.url).port });
  const failed = await startServer(other).then(
    () => "started",
    (error: unknown) => String(error),
  );
  expect(failed).toContain("the port is in use");
  expect(failed).not.toMatch(/\n\s+at /u);
  expect(await first.stop()).toBe(0);
});

test("every mistake in the configuration is named at once", async () => {
  const env = testEnv(folder, {
    OFFHOOK_PORT: "no",
    OFFHOOK_API_KEY: "short",
    OFFHOOK_EGRESS_ALLOW: "10.0.0.0/99",
  });
  const failed = await startServer(env).then(
    () => "started",
    (error: unknown) => String(error),
  );
  for (const name of ["OFFHOOK_PORT", "OFFHOOK_API_KEY", "OFFHOOK_EGRESS_ALLOW"])
    expect(failed).toContain(name);
  expect(failed).toContain("ended with 1");
});
