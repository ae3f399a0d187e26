import {
  connectBody,
  defaultTeam,
  type Entry,
  flatTool,
  isMcp,
  makeCallId,
  type Format,
  formats,
  functionCall,
  readEntries,
  type Reading,
  sampleJournal,
  serverBody,
  type TellType,
  tellOf,
  tellTypes,
} from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { firstHappenings } from "../calls/new-call.ts";
import { functionCallOf, messageOf, type Payload } from "./message.ts";

/** Every event of the sample call, with the call as it was then. */
function eventsOf(format: Format): { entry: Entry; reading: Reading; message: Payload }[] {
  const journal = sampleJournal(format);
  return journal.flatMap((entry) => {
    if (entry.sequence === null) return [];
    const reading = readingUpTo(journal, entry.seq);
    return [{ entry, reading, message: messageOf(reading, entry, []) }];
  });
}

function readingUpTo(journal: readonly Entry[], seq: number): Reading {
  const reading = readEntries(undefined, journal.slice(0, seq));
  if (reading === undefined) throw new Error("the journal is empty");
  return reading;
}

function eventOf(format: Format, type: TellType): Payload {
  const found = eventsOf(format).findLast(({ entry }) => tellOf(entry.what.type) === type);
  if (found === undefined) throw new Error(`the sample has no ${type}`);
  return found.message;
}

const fieldOf = (payload: unknown, name: string): unknown => Object(payload)[name];

const common = ["type", "timestamp", "id", "sequence", "call", "assistant", "phone", "customer", "analysis"];

/** What each type adds to the envelope (contract 1 and 2), by format. */
const additions: Record<TellType, Record<Format, readonly string[]>> = {
  "status-update": { "2025-04": ["messages", "status"], "2026-03": [] },
  "conversation-update": { "2025-04": ["messages"], "2026-03": ["messages"] },
  hang: { "2025-04": ["messages", "hang"], "2026-03": ["messages", "hang"] },
  "hang-recovered": { "2025-04": ["messages", "hang"], "2026-03": ["messages", "hang"] },
  error: { "2025-04": ["messages", "error"], "2026-03": ["messages", "error"] },
  "end-of-call-report": { "2025-04": ["messages"], "2026-03": ["messages"] },
  "analysis-updated": { "2025-04": ["messages"], "2026-03": ["messages"] },
};

const cases = formats.flatMap((format) => tellTypes.map((type) => ({ format, type })));

describe("a message", () => {
  it.each(formats)("of every event of a call is written down: %s", async (format) => {
    const messages = eventsOf(format).map(({ message }) => message);
    const text = `${JSON.stringify(messages, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`./__snapshots__/messages-${format}.json`);
  });

  it.each(cases)("$type has the fields of $format, and no other", ({ format, type }) => {
    expect(Object.keys(eventOf(format, type)).toSorted()).toEqual(
      [...common, ...additions[type][format]].toSorted(),
    );
  });

  it.each(formats)("fits its schema: %s", (format) => {
    for (const { message } of eventsOf(format))
      expect(serverBody.safeParse({ message })).toMatchObject({ success: true });
  });

  it.each(formats)("tells the status where the format has it: %s", (format) => {
    const told = eventsOf(format).filter(({ message }) => message["type"] === "status-update");
    const statuses = told.map(({ message }) => [fieldOf(message["call"], "status"), message["status"]]);
    const own = (status: string) => (format === "2025-04" ? status : undefined);
    expect(statuses).toEqual(["queued", "ongoing", "finished"].map((status) => [status, own(status)]));
  });

  it.each(formats)("has the history so far where the format has it: %s", (format) => {
    for (const { entry, message } of eventsOf(format)) {
      const inCall = fieldOf(message["call"], "messages");
      const isUpdate = message["type"] === "conversation-update";
      const before = sampleJournal(format).filter(
        ({ seq, what }) => seq <= entry.seq && what.type === "message-added",
      );
      if ("messages" in message) expect(message["messages"]).toHaveLength(before.length);
      if (isUpdate && format === "2025-04") expect(inCall).toEqual(message["messages"]);
      else expect(inCall).toBeUndefined();
    }
  });

  it.each([
    ["2025-04", "2026-03-02T09:00:06.000Z"],
    ["2026-03", Date.parse("2026-03-02T09:00:06.000Z")],
  ] as const)("tells the time of what was said as the format has it: %s", (format, timestamp) => {
    const said = eventOf(format, "end-of-call-report")["messages"];
    expect(Array.isArray(said) && said[1]).toMatchObject({ role: "user", timestamp });
  });

  it.each(cases)(
    "$type of $format tells when it happened, and is named by the call and its sequence",
    ({ format, type }) => {
      const found = eventsOf(format).findLast(({ message }) => message["type"] === type);
      const { id } = found?.reading.call ?? {};
      expect(found?.message).toMatchObject({
        timestamp: found?.entry.at,
        id: `evt_${id}_${found?.entry.sequence}`,
      });
    },
  );

  it.each(cases)("$type of $format has the assistant whole only on a status-update", ({ format, type }) => {
    const { assistant } = eventOf(format, type);
    const short = { _id: "asst-sample", name: "Sample assistant" };
    expect(assistant).toEqual(
      type === "status-update" ? { ...short, welcomeMessage: expect.any(String) } : short,
    );
  });

  it.each(formats)("has no analysis before the report, and then all of it: %s", (format) => {
    for (const { message } of eventsOf(format)) {
      const isReport = message["type"] === "end-of-call-report" || message["type"] === "analysis-updated";
      expect(fieldOf(message["analysis"], "summary")).toEqual(isReport ? expect.any(String) : undefined);
      expect(fieldOf(message["call"], "analysis")).toEqual(message["analysis"]);
      if (!isReport) expect(message["analysis"]).toEqual({});
    }
  });

  it.each(formats)("of the report tells the end, the cost and the metrics: %s", (format) => {
    expect(eventOf(format, "end-of-call-report")["call"]).toMatchObject({
      status: "finished",
      endedReason: "user-hung-up",
      callEndTriggerBy: "user",
      startAt: "2026-03-02T09:00:01.000Z",
      endAt: "2026-03-02T09:00:30.000Z",
      assistantCallDuration: 29_000,
      cost: { callDuration: 29 },
      metrics: { turns: 1, hangs: 1 },
    });
  });

  it("names what was missed, and only then", () => {
    const [event] = eventsOf("2025-04");
    if (event === undefined) throw new Error("the sample has no events");
    expect(event.message).not.toHaveProperty("missed");
    expect(messageOf(event.reading, event.entry, [3, 4])).toEqual({ ...event.message, missed: [3, 4] });
  });

  it.each(formats)("has no field of the API's answers: %s", (format) => {
    for (const { message } of eventsOf(format)) expect(JSON.stringify(message)).not.toContain("monitor");
  });

  it("is a fault of ours for what is not told", () => {
    const journal = sampleJournal();
    const [created] = journal;
    if (created === undefined) throw new Error("the sample is empty");
    expect(() => messageOf(readingUpTo(journal, 1), created, [])).toThrow("call-created is not told");
  });
});

describe("the same event", () => {
  it.each(formats)("gives the same bytes, however its call was read: %s", (format) => {
    const journal = sampleJournal(format);
    let reading: Reading | undefined;
    for (const entry of structuredClone(journal)) {
      reading = readEntries(reading, [entry]);
      if (entry.sequence === null || reading === undefined) continue;
      const again = messageOf(readingUpTo(journal, entry.seq), journal[entry.seq - 1] ?? entry, [1]);
      expect(JSON.stringify(messageOf(reading, entry, [1]))).toBe(JSON.stringify(again));
    }
  });
});

describe("a tool request", () => {
  const asked = { toolCallId: "tool_1", name: "findSlots", arguments: { day: "Tuesday", n: 2 }, at: 1_000 };

  it.each(formats)("has the envelope, and the arguments twice: %s", (format) => {
    const reading = readingUpTo(sampleJournal(format), 5);
    const message = functionCallOf(reading, asked);
    expect(Object.keys(message).toSorted()).toEqual(
      [...common.filter((name) => name !== "sequence"), "messages", "functionCall"].toSorted(),
    );
    expect(message).toMatchObject({
      type: "function-call",
      id: "tool_1",
      timestamp: 1_000,
      functionCall: {
        id: "tool_1",
        name: "findSlots",
        parameters: { day: "Tuesday", n: 2 },
        arguments: '{"day":"Tuesday","n":2}',
      },
    });
    expect(functionCall.safeParse(message)).toMatchObject({ success: true });
  });
});

/** Where an assistant, or a call, may hold a secret; no payload may. */
const secret = "hush-hush-hush";
const places: readonly (readonly [where: string, body: object])[] = [
  [
    "the Server URL's secret",
    { assistant: { assistantServer: { url: "https://app.example/hook", secret } } },
  ],
  [
    "the Server URL's headers",
    {
      assistant: {
        assistantServer: {
          url: "https://app.example/hook",
          headers: { authorization: secret, "x-team": secret },
        },
      },
    },
  ],
  [
    "the Server URL itself",
    { assistant: { assistantServer: { url: `https://internal.example/${secret}` } } },
  ],
  [
    "the model's address",
    { assistant: { assistantProvider: "custom-llm", assistantLLMUrl: `https://llm.example/${secret}/v1` } },
  ],
  [
    "a tool's server",
    {
      assistant: {
        tools: [
          {
            name: "a",
            server: { url: `https://t.example/${secret}`, secret, headers: { "x-api-key": secret } },
          },
        ],
      },
    },
  ],
  [
    "a tool's fixed parameters",
    { assistant: { tools: [{ name: "a", staticParameters: { apiKey: secret } }] } },
  ],
  [
    "an unknown field",
    { assistant: { speechProvider: { apiKey: secret, "api-key": secret, authToken: secret } } },
  ],
  ["a variable", { assistantOverrides: { dynamicVariables: { accessToken: secret } } }],
  [
    "an unknown field that holds several at once",
    { assistant: { speechProvider: { credentials: { user: "ada", pin: secret }, authorization: [secret] } } },
  ],
  [
    "an override",
    { assistantOverrides: { assistantServer: { secret, headers: { authorization: secret } } } },
  ],
  [
    "an override of the model's address",
    { assistantOverrides: { assistantLLMUrl: `https://llm.example/${secret}` } },
  ],
];

describe("a secret", () => {
  it.each(places)("in %s is in no payload", (_, body) => {
    const message = firstMessage(body);
    expect(message).toMatchObject({ type: "status-update", assistant: { name: "Front desk" } });
    expect(JSON.stringify(message)).not.toContain(secret);
  });
});

/** The first event of a call that is made with this body: it shows the assistant whole. */
function firstMessage(body: object): Payload {
  const read = connectBody.parse({
    ...body,
    assistant: { name: "Front desk", ...Object(fieldOf(body, "assistant")) },
  });
  if (read.assistant === undefined) throw new Error("the body has an assistant");
  const assistant = {
    ...read.assistant,
    tools: read.assistant.tools.flatMap((tool) => (isMcp(tool) ? [] : [flatTool(tool)])),
  };
  const who = { assistantId: null, assistant, mcp: [], missing: [] };
  const callId = makeCallId("chat", "00000000-0000-4000-8000-000000000001");
  const found = { who, number: undefined, chosen: undefined };
  const happenings = firstHappenings({ teamId: defaultTeam, body: read, callId, found, now: 0 });
  const entries = happenings.map((what, index): Entry => ({
    seq: index + 1,
    at: 0,
    sequence: index || null,
    what,
  }));
  const queued = entries.find(({ sequence }) => sequence === 1);
  if (queued === undefined) throw new Error("a call begins with an event");
  return messageOf(readingUpTo(entries, queued.seq), queued, []);
}
