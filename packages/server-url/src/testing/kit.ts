/**
 * `@offhook/server-url/testing`: requests as a server would send them, so that
 * a receiver is tested without one.
 */
import { type Format, type Json, type JsonObject, sign, type TellType, wireHeaders } from "@offhook/protocol";
import { systemNow } from "../clock.ts";
import { isObject } from "../reading/loose.ts";
import captured from "./fixtures.json" with { type: "json" };

export { vendorFixture, type VendorGeneration, vendorGenerations, type VendorType } from "./vendor.ts";

export type Signing = {
  /** The Server URL's secret, as the receiver knows it. */
  secret: string;
  /** `webhook-id`; if not said, `message.id`, or else `evt_test_1`. */
  id?: string;
  /** Epoch ms of the attempt; the present moment if not said. */
  at?: number;
  /** `offhook-attempt`; 1 if not said. */
  attempt?: number;
  /** Added to the others, or in place of them. */
  headers?: Readonly<Record<string, string>>;
  url?: string;
};

const address = "https://application.example/offhook";

/**
 * A signed POST, as an Offhook server sends it. A message is wrapped in its
 * envelope, a whole body (`{message}`) and a text are sent as they are.
 *
 * @example
 * const answer = await receiver.fetch(await signed(fixture("end-of-call-report"), { secret }));
 * expect(answer.status).toBe(200);
 */
export async function signed(message: unknown, given: Signing): Promise<Request> {
  const body = bodyOf(message);
  const id = given.id ?? idOf(body) ?? "evt_test_1";
  const timestamp = Math.floor((given.at ?? systemNow()) / 1_000);
  return new Request(given.url ?? address, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      [wireHeaders.id]: id,
      [wireHeaders.timestamp]: String(timestamp),
      [wireHeaders.signature]: await sign({ secret: given.secret, id, timestamp, body }),
      [wireHeaders.attempt]: String(given.attempt ?? 1),
      ...given.headers,
    },
  });
}

/** A POST with the plain secret in a header and no signature, as the vendor sends it. */
export function unsigned(message: unknown, given: Omit<Signing, "id" | "at" | "attempt">): Request {
  return new Request(given.url ?? address, {
    method: "POST",
    body: bodyOf(message),
    headers: {
      "content-type": "application/json",
      [wireHeaders.sharedSecret]: given.secret,
      ...given.headers,
    },
  });
}

/**
 * A body of this type, as a server really sent it of an invented call. Each
 * time a fresh copy.
 */
export function fixture(
  type: TellType | "function-call" | "assistant-request",
  format: Format = "2025-04",
): { message: JsonObject } {
  const fixtures: Record<Format, Record<typeof type, { message: JsonObject }>> = captured;
  return structuredClone(fixtures[format][type]);
}

export type ToolCallOptions = Signing & {
  /** How it is asked; `envelope` if not said. `tool-calls` is Vapi's way. */
  style?: "envelope" | "arguments" | "tool-calls";
  callId?: string;
  toolCallId?: string;
};

/** A signed request to run a tool. */
export function toolCall(name: string, args: JsonObject, given: ToolCallOptions): Promise<Request> {
  const {
    style = "envelope",
    callId = "TC-00000000-0000-4000-8000-00000000cafe",
    toolCallId = "tool_test_1",
  } = given;
  const headers = {
    [wireHeaders.callId]: callId,
    [wireHeaders.toolCallId]: toolCallId,
    [wireHeaders.toolName]: name,
    ...given.headers,
  };
  const call = { id: toolCallId, name, parameters: args, arguments: JSON.stringify(args) };
  const listed = [{ id: toolCallId, type: "function", function: { name, arguments: call.arguments } }];
  const { message } = fixture("function-call");
  const bodies: Record<typeof style, Json> = {
    arguments: args,
    envelope: {
      message: {
        ...message,
        id: toolCallId,
        call: { ...objectIn(message, "call"), id: callId },
        functionCall: call,
      },
    },
    "tool-calls": { message: { type: "tool-calls", call: { id: callId }, toolCallList: listed } },
  };
  return signed(JSON.stringify(bodies[style]), {
    id: toolCallId,
    ...given,
    headers: style === "tool-calls" ? (given.headers ?? {}) : headers,
  });
}

/** A clock for the receiver's option `now` that stands still until it is moved. */
export type TestClock = { now: () => number; advance(ms: number): void };

export function testClock(at: number = Date.UTC(2026, 2, 2, 9)): TestClock {
  let now = at;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** What a receiver answered, with its body read as JSON. */
export async function answerOf(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}

function bodyOf(message: unknown): string {
  if (typeof message === "string") return message;
  return JSON.stringify(isObject(message) && isObject(message.message) ? message : { message });
}

function idOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const message = isObject(parsed) ? parsed.message : undefined;
    return isObject(message) && typeof message.id === "string" ? message.id : undefined;
  } catch {
    return undefined;
  }
}

function objectIn(message: JsonObject, name: string): JsonObject {
  const value = message[name];
  return isObject(value) ? value : {};
}
