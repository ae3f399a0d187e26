import { type CallId, defaultTeam, type Entry, type JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRooms } from "./rooms.ts";
import { openBus } from "./bus/in-process.ts";
import { systemClock } from "./clock.ts";
import { openEgress } from "./delivery/egress.ts";
import { publicOnly } from "./delivery/guard-allow.ts";
import { sendSample } from "./delivery/sample.ts";
import { silentLog } from "./log.ts";
import type { Model } from "./model.ts";
import { openModels } from "./models/pick-model.ts";
import { systemRandom } from "./random.ts";
import { openLocalStore } from "./store/sqlite/sqlite-store.ts";
import { connecting, journalOf } from "./testing/house.ts";
import { openRawServer, type RawServer } from "./testing/listening.ts";
import { type NameServer, openNameServer } from "./testing/name-server.ts";
import { eventually } from "./testing/running-app.ts";
import { called, said, scriptedModel } from "./testing/scripted-model.ts";
import { noTelemetry } from "./telemetry.ts";
import { tryTool } from "./tools/try-tool.ts";

/**
 * Every client that goes to an address that somebody else chose, against names
 * that lead to a public address when they are saved, and to a listener inside
 * from then on.
 */
let inside: RawServer;
let names: NameServer;
const opened: (() => Promise<void>)[] = [];

beforeEach(async () => {
  inside = await openRawServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  names = await openNameServer((_name, time) => [time === 1 ? "93.184.215.14" : "127.0.0.1"]);
  opened.push(inside.close, names.close);
});

afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const at = (name: string, path = "/"): string => `http://${name}.example:${inside.port}${path}`;
const refusal =
  /leads to a loopback address, and this server connects to public addresses only\. If it is meant to be reached, its operator adds \w+\.example to OFFHOOK_EGRESS_ALLOW\./u;

function open(model?: Model) {
  const egress = openEgress({ rules: publicOnly, clock: systemClock, lookup: names.lookup });
  const ports = { clock: systemClock, random: systemRandom, log: silentLog, egress, telemetry: noTelemetry };
  const servers = { openai: {}, deepseek: {}, gemini: {}, azure: {}, customLlm: {} };
  const models = openModels({ ...ports, servers, fetch: egress.fetch });
  const store = openLocalStore();
  const rules = { egress: publicOnly, callsMax: 10, lookup: names.lookup };
  const rooms = openRooms({ ...ports, store, bus: openBus(silentLog), model: model ?? models }, rules);
  const running = new AbortController();
  const delivering = rooms.delivery.run(running.signal);
  opened.push(async () => {
    await rooms.calls.stop(0);
    running.abort();
    await egress.close();
    await delivering;
    await store.close();
  });
  return { ...rooms, ...ports, store };
}

type Rooms = ReturnType<typeof open>;

async function callWith({ calls }: Rooms, assistant: JsonObject): Promise<CallId> {
  const connected = await calls.connect({
    teamId: defaultTeam,
    body: connecting({ name: "A", ...assistant }),
  });
  if ("refused" in connected) throw new Error(JSON.stringify(connected));
  return connected.id as CallId;
}

async function says(rooms: Rooms, callId: CallId): Promise<void> {
  const heard = await rooms.calls.hear({ teamId: defaultTeam, callId, text: "Hello?" });
  if ("refused" in heard) throw new Error(heard.detail);
  await heard.reply;
}

async function entries<Type extends Entry["what"]["type"]>(rooms: Rooms, callId: CallId, type: Type) {
  const journal = await journalOf(rooms.store, callId);
  return journal.flatMap(({ what }) => (what.type === type ? [what] : []));
}

describe("a name that leads inside after it was saved is not connected to", () => {
  it("by an event: the attempt says why", async () => {
    const rooms = open();
    const callId = await callWith(rooms, {
      assistantProvider: "rehearsal",
      assistantServer: { url: at("events") },
    });
    const attempts = () => rooms.store.attemptsOf({ callId, sequence: 1, limit: 10 });
    await eventually(async () => (await attempts()).length > 0);
    expect((await attempts())[0]).toMatchObject({
      outcome: "forbidden",
      detail: expect.stringMatching(refusal),
      answer: null,
    });
    expect(inside.connections()).toBe(0);
  });

  it.each([
    ["with a server of its own", { server: { url: "" } }],
    ["at the assistant's Server URL", {}],
  ])("by a tool %s: the answer says why", async (_what, own) => {
    const model = scriptedModel({
      clock: systemClock,
      replies: [called([{ name: "look" }]), said("Sorry.")],
    });
    const rooms = open(model);
    const callId = await callWith(rooms, {
      assistantServer: { url: at("events") },
      tools: [{ name: "look", ...("server" in own ? { server: { url: at("tool") } } : {}) }],
    });
    await says(rooms, callId);
    const answered = await entries(rooms, callId, "tool-answered");
    expect(answered).toMatchObject([
      { outcome: { code: "forbidden", error: expect.stringMatching(refusal) } },
    ]);
    expect(inside.connections()).toBe(0);
  });

  it("by a model of a tenant's own: the error says why", async () => {
    const rooms = open();
    const callId = await callWith(rooms, {
      assistantProvider: "custom-llm",
      assistantLLMUrl: at("model", "/v1"),
    });
    await says(rooms, callId);
    const errors = await entries(rooms, callId, "error");
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]).toMatchObject({ error: { message: expect.stringMatching(refusal) } });
    expect(inside.connections()).toBe(0);
  });

  it("by a sample event, or by trying a tool out", async () => {
    const { egress, clock, random } = open();
    // Not looked up when it is saved: it is not saved.
    await Promise.all(["sample", "tried"].map((name) => names.lookup(`${name}.example`)));
    const server = { url: at("sample"), timeoutSeconds: 5, headers: {}, auth: "signature" as const };
    const sent = await sendSample({ egress, clock, random }, { type: "hang", format: "2026-03", server });
    expect(sent).toMatchObject({ outcome: "forbidden", detail: expect.stringMatching(refusal) });
    const tool = { name: "look", description: "", parameters: {}, async: false, messages: [] };
    const own = { url: at("tried"), method: "POST" as const, timeoutSeconds: 5, headers: {} };
    const tried = await tryTool({ egress, clock, random }, { ...tool, server: own }, {});
    expect(tried).toMatchObject({ outcome: { code: "forbidden", error: expect.stringMatching(refusal) } });
    expect(inside.connections()).toBe(0);
  });

  it("by whatever comes to use the guarded fetch", async () => {
    await names.lookup("other.example");
    const failed = open().egress.fetch(at("other"), { method: "POST", body: "{}" });
    await expect(failed).rejects.toMatchObject({ cause: { refusal: { rule: "loopback" } } });
    expect(inside.connections()).toBe(0);
  });
});
