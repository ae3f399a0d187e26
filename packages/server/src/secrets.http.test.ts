import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JsonObject, mask } from "@offhook/protocol";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp } from "./app.ts";
import { sleep, systemClock } from "./clock.ts";
import { toConfig } from "./config.ts";
import { textAt } from "./http/testing/api.ts";
import { makeAuthority, makeCertificate } from "./testing/certificates.ts";
import { openReceiver, type Receiver } from "./testing/receiver.ts";
import { apiOf, eventually, idIn, messageIn, testEnv } from "./testing/running-app.ts";

/** Each stands in one place only, so that one that is found says where it came from. */
const hidden = {
  server: `whsec_${Buffer.from("hidden-server-secret-0123456789ab").toString("base64")}`,
  header: "hidden-authorization-value-1",
  tool: "hidden-tool-secret-value-2",
  override: "hidden-override-header-value-3",
  inline: "hidden-inline-key-value-4",
};

type Running = { api: ReturnType<typeof apiOf>; close: () => Promise<void> };

/** Of a private key, the line that says something. */
let tls: { ca: string; cert: string; key: string };
const lineOf = (key: string): string => key.split("\n")[1] ?? "";

let folder: string;
let receiver: Receiver;
let app: Running;

async function start(): Promise<Running> {
  const opened = await openApp(toConfig(testEnv(folder)));
  return { api: apiOf(opened.url), close: () => opened.close() };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-secrets-"));
  receiver = await openReceiver();
  const [authority, client] = await Promise.all([makeAuthority("ours"), makeCertificate({ name: "us" })]);
  tls = { ca: authority.cert, ...client };
  app = await start();
});
afterAll(async () => {
  await app.close();
  await receiver.close();
  await rm(folder, { recursive: true });
});

const assistants = "/assistants/v1/assistants";

async function added(path: string, body: JsonObject): Promise<string> {
  const answer = await app.api("POST", path, body);
  expect(answer.status).toBe(201);
  return textAt(answer.body, "_id");
}

function assistant(): JsonObject {
  return {
    name: "Echo",
    assistantProvider: "rehearsal",
    welcomeMessage: "Hello.",
    apiKey: hidden.inline,
    assistantServer: {
      url: `${receiver.url}/hook`,
      secret: hidden.server,
      headers: { authorization: hidden.header },
    },
    tools: [
      { name: "findSlots", server: { url: `${receiver.url}/tool`, secret: hidden.tool } },
      { name: "withTls", server: { url: receiver.url.replace("http:", "https:"), tls } },
    ],
  };
}

/** A call from ring to report. */
async function wholeCall(assistantId: string): Promise<string> {
  const before = receiver.requests.length;
  const connected = await app.api("POST", "/calls/v1/conversations/connect", {
    assistantId,
    assistantOverrides: { assistantServer: { headers: { "x-api-key": hidden.override } } },
  });
  const id = idIn(connected.body);
  await app.api("POST", `/calls/v1/conversations/${id}/messages?wait=true`, { text: "Good morning" });
  await app.api("POST", `/calls/v1/conversations/${id}/control`, { type: "end" });
  await eventually(() =>
    receiver.requests.slice(before).some((request) => messageIn(request)["type"] === "end-of-call-report"),
  );
  return id;
}

/** What stands anywhere in the files of the data folder. */
async function bytesOf(path: string): Promise<string> {
  const names = await readdir(path);
  const files = await Promise.all(names.map((name) => readFile(join(path, name), "latin1")));
  return files.join("\n");
}

describe("secrets", () => {
  it("are nowhere in the data folder, in no answer of the API, and in no payload", async () => {
    const id = await wholeCall(await added(assistants, assistant()));
    const shown = [
      JSON.stringify(receiver.requests.map(({ body }) => body)),
      await bytesOf(folder),
      ...(await Promise.all(
        [
          assistants,
          `/calls/v1/conversations/${id}`,
          `/calls/v1/conversations/${id}/events?limit=500`,
          `/calls/v1/conversations/${id}/deliveries`,
        ].map(async (path) => JSON.stringify((await app.api("GET", path)).body)),
      )),
    ];
    const deliveries = (await app.api("GET", `/calls/v1/conversations/${id}/deliveries`)).body[
      "data"
    ] as JsonObject[];
    for (const event of deliveries.map(idIn))
      shown.push(JSON.stringify((await app.api("GET", `/events/v1/deliveries/${event}`)).body));
    const secrets = { ...hidden, key: lineOf(tls.key) };
    expect(secrets.key).toMatch(/^.{60,}$/u);
    for (const [place, secret] of Object.entries(secrets))
      for (const text of shown) expect(text.includes(secret), place).toBe(false);
    expect(await bytesOf(folder)).toContain("sealed:v1:");
  });

  it("open again after a restart: events are signed as before", async () => {
    const id = await added(assistants, assistant());
    await app.close();
    app = await start();
    await wholeCall(id);
    const last = receiver.requests.at(-1);
    if (last === undefined) throw new Error("nothing was received");
    expect(new Webhook(hidden.server).verify(last.body, last.headers)).toBeTruthy();
    expect(last.headers["authorization"]).toBe(hidden.header);
  });
});

describe("the TLS of a tool", () => {
  const tools = "/assistants/v1/tools";
  const tool = (own: JsonObject): JsonObject => ({
    name: "withTls",
    server: { url: receiver.url.replace("http:", "https:"), tls: own },
  });

  it("shows its certificates and not its key, and sending that back keeps it", async () => {
    const id = await added(tools, tool(tls));
    const { body } = await app.api("GET", `${tools}/${id}`);
    expect(body).toMatchObject({ server: { tls: { ca: tls.ca, cert: tls.cert, key: mask } } });
    const patched = await app.api("PATCH", `${tools}/${id}`, {
      server: body["server"] ?? null,
      description: "x",
    });
    expect(patched).toMatchObject({ status: 200, body: { server: { tls: { key: mask } } } });
  });

  it("is refused by path when its parts do not belong together, wherever it is given", async () => {
    const other = await makeCertificate({ name: "other" });
    const torn = { ...tls, key: other.key };
    const faulty = {
      status: 422,
      body: { errors: [{ path: expect.stringMatching(/\/server\/tls\/key$/u) }] },
    };
    expect(await app.api("POST", tools, tool(torn))).toMatchObject(faulty);
    const inline = { name: "Inline", assistantProvider: "rehearsal", tools: [tool(torn)] };
    expect(await app.api("POST", assistants, inline)).toMatchObject(faulty);
    const connect = "/calls/v1/conversations/connect";
    expect(await app.api("POST", connect, { assistant: inline })).toMatchObject(faulty);
  });
});

describe("rotation", () => {
  it("has both secrets sign for the overlap, and only the new one without", async () => {
    const id = await added(assistants, assistant());
    const path = `${assistants}/${id}/server/rotate-secret`;
    const first = await app.api("POST", path, {});
    expect(first).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/u) } });
    expect(Date.parse(textAt(first.body, "previousSecretUntil")) - systemClock.now()).toBeGreaterThan(
      23 * 3_600_000,
    );
    await wholeCall(id);
    const both = receiver.requests.at(-1);
    if (both === undefined) throw new Error("nothing was received");
    for (const secret of [hidden.server, textAt(first.body, "secret")])
      expect(new Webhook(secret).verify(both.body, both.headers)).toBeTruthy();
    const second = await app.api("POST", path, { overlapHours: 0, secret: "a secret of my own" });
    expect(second.body).toEqual({ secret: "a secret of my own", previousSecretUntil: null });
    // A look at the assistant's settings holds for a second.
    await sleep(systemClock, 1_100);
    await wholeCall(id);
    const one = receiver.requests.at(-1);
    if (one === undefined) throw new Error("nothing was received");
    expect(String(one.headers["webhook-signature"]).split(" ")).toHaveLength(1);
    const plain = Buffer.from("a secret of my own").toString("base64");
    expect(new Webhook(plain).verify(one.body, one.headers)).toBeTruthy();
  });

  it("keeps at most two secrets, shows none of them again, and survives a PATCH", async () => {
    const id = await added(assistants, assistant());
    const path = `${assistants}/${id}`;
    const rotated = [];
    for (let times = 0; times < 3; times += 1)
      rotated.push(textAt((await app.api("POST", `${path}/server/rotate-secret`, {})).body, "secret"));
    const shown = await app.api("GET", path);
    for (const secret of [hidden.server, ...rotated])
      expect(JSON.stringify(shown.body)).not.toContain(secret);
    await app.api("PATCH", path, { name: "Renamed", assistantServer: shown.body["assistantServer"] ?? null });
    await wholeCall(id);
    const last = receiver.requests.at(-1);
    if (last === undefined) throw new Error("nothing was received");
    const verifies = [hidden.server, ...rotated].map((secret) => {
      try {
        return new Webhook(secret).verify(last.body, last.headers) !== undefined;
      } catch {
        return false;
      }
    });
    expect(verifies).toEqual([false, false, true, true]);
  });

  it("of a tool signs its requests", async () => {
    const tools = "/assistants/v1/tools";
    const id = await added(tools, {
      name: "findSlots",
      server: { url: `${receiver.url}/tool`, secret: hidden.tool },
    });
    const { body } = await app.api("POST", `${tools}/${id}/server/rotate-secret`, {});
    await app.api("POST", `${tools}/${id}/test`, {});
    const last = receiver.requests.at(-1);
    if (last === undefined) throw new Error("nothing was received");
    for (const secret of [Buffer.from(hidden.tool).toString("base64"), textAt(body, "secret")])
      expect(new Webhook(secret).verify(last.body, last.headers)).toBeTruthy();
  });

  it.each([
    ["an unknown assistant", `${assistants}/asst-unknown/server/rotate-secret`, {}, 404],
    ["an unknown tool", "/assistants/v1/tools/tool-unknown/server/rotate-secret", {}, 404],
    ["a secret that is too short", `${assistants}/{id}/server/rotate-secret`, { secret: "short" }, 422],
    ["an overlap of a year", `${assistants}/{id}/server/rotate-secret`, { overlapHours: 8_760 }, 422],
    ["an assistant without a Server URL", `${assistants}/{bare}/server/rotate-secret`, {}, 422],
  ])("of %s is refused with a sentence", async (_name, path, body, status) => {
    const id = await added(assistants, assistant());
    const bare = await added(assistants, { name: "Bare", assistantProvider: "rehearsal" });
    const answer = await app.api("POST", path.replace("{id}", id).replace("{bare}", bare), body);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(/\S{3,} .*\.$/u) } });
  });
});
