import {
  assistantAnswer,
  eventView,
  liveCommand,
  liveUpdate,
  toolAnswer,
  wireHeaders,
} from "@offhook/protocol";
import type { z } from "zod";
import { bodySchemaOf, type JsonSchema, messages, schemaOf } from "./schemas.ts";

/** What the server sends, streams and hears, as AsyncAPI 3 describes it. `summaries` say when each message is sent. */
export function asyncApi(version: string, summaries: Record<string, string>): JsonSchema {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Offhook",
      version,
      description:
        "What an Offhook server sends to an application's Server URL, what it asks it for, and its streams. The HTTP API is in openapi.json.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: { local: { host: "127.0.0.1:4600", protocol: "http", description: "A server as it starts." } },
    channels: {
      serverUrl: serverUrlChannel(),
      answers: answersChannel(),
      live: liveChannel(),
      events: eventsChannel(),
    },
    operations: operations(),
    components: {
      messages: {
        ...serverMessages(summaries),
        toolAnswer: plain("ToolAnswer", toolAnswer, "input"),
        assistantAnswer: plain("AssistantAnswer", assistantAnswer, "input"),
        ...streams(),
      },
      schemas: { deliveryHeaders: deliveryHeaders() },
    },
  };
}

const asked = new Set(["function-call", "assistant-request"]);
const told = Object.keys(messages).filter((type) => !asked.has(type));

const reference = (to: string) => ({ $ref: `#/${to}` });
const listed = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, reference(`components/messages/${name}`)]));
const of = (channel: string, names: readonly string[]) =>
  names.map((name) => reference(`channels/${channel}/messages/${name}`));

function serverUrlChannel(): JsonSchema {
  return {
    address: null,
    title: "The Server URL",
    description: "The assistant's Server URL, or a tool's own; an http(s) address of the application.",
    messages: listed(Object.keys(messages)),
    bindings: { http: { bindingVersion: "0.3.0" } },
  };
}

function answersChannel(): JsonSchema {
  return {
    address: null,
    description: "The HTTP answer to a tool request, or to the question who answers.",
    messages: listed(["toolAnswer", "assistantAnswer"]),
  };
}

function liveChannel(): JsonSchema {
  return {
    address: "/calls/v1/conversations/{id}/live",
    description: "A call's live WebSocket; its address, with a token, is `monitor.liveUrl` of the call.",
    parameters: { id: { description: "The call's id." } },
    messages: listed(["liveCommand", "liveUpdate"]),
    bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
  };
}

function eventsChannel(): JsonSchema {
  return {
    address: "/events/v1/events",
    description: "Everything that happens, as server-sent events; `after` is the cursor to go on from.",
    messages: listed(["event"]),
  };
}

function operations(): JsonSchema {
  return {
    tell: {
      action: "send",
      channel: reference("channels/serverUrl"),
      summary: "Tells the application what happened: at least once, in order per call.",
      messages: of("serverUrl", told),
    },
    ask: {
      action: "send",
      channel: reference("channels/serverUrl"),
      summary: "Asks the application to run a tool; somebody is waiting.",
      messages: of("serverUrl", ["function-call"]),
      reply: { channel: reference("channels/answers"), messages: of("answers", ["toolAnswer"]) },
    },
    askWho: {
      action: "send",
      channel: reference("channels/serverUrl"),
      summary: "Asks the application who answers a call that names no assistant; somebody is waiting.",
      messages: of("serverUrl", ["assistant-request"]),
      reply: { channel: reference("channels/answers"), messages: of("answers", ["assistantAnswer"]) },
    },
    hear: { action: "receive", channel: reference("channels/live"), messages: of("live", ["liveCommand"]) },
    show: { action: "send", channel: reference("channels/live"), messages: of("live", ["liveUpdate"]) },
    stream: { action: "send", channel: reference("channels/events"), messages: of("events", ["event"]) },
  };
}

function serverMessages(summaries: Record<string, string>): JsonSchema {
  const described = Object.entries(messages).map(([name, schema]): [string, JsonSchema] => {
    const { $schema: _, ...payload } = bodySchemaOf(schema, "draft-7");
    const about = { name, title: name, summary: summaries[name] ?? "" };
    return [name, { ...about, headers: reference("components/schemas/deliveryHeaders"), payload }];
  });
  return Object.fromEntries(described);
}

function streams(): JsonSchema {
  return {
    liveCommand: plain("LiveCommand", liveCommand, "input"),
    liveUpdate: plain("LiveUpdate", liveUpdate, "output"),
    event: plain("Event", eventView, "output"),
  };
}

function plain(title: string, schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...payload } = schemaOf(schema, io, "draft-7");
  return { name: title, title, payload };
}

function deliveryHeaders(): JsonSchema {
  const text = (description: string) => ({ type: "string", description });
  return {
    type: "object",
    properties: {
      [wireHeaders.id]: text("The event's id, or the tool call's; the same at every attempt."),
      [wireHeaders.timestamp]: text("Seconds, of this attempt."),
      [wireHeaders.signature]: text("Standard Webhooks 1.0.0, v1; two while a secret is being rotated."),
      [wireHeaders.attempt]: text("1, 2 …"),
      [wireHeaders.callId]: text("Tool requests: the call."),
      [wireHeaders.toolCallId]: text("Tool requests: the tool call."),
      [wireHeaders.toolName]: text("Tool requests: the tool."),
      [wireHeaders.sharedSecret]: text("The plain secret, where `auth` is `header` or `both`."),
      traceparent: text("W3C Trace Context."),
    },
  };
}
