import {
  type CallId,
  type Entry,
  eventId,
  type Format,
  type HappeningOf,
  type Reading,
  tellOf,
  toWireMessage,
} from "@offhook/protocol";

/** What goes into JSON. */
export type Payload = { [key: string]: unknown };

/**
 * Reads an entry, with the call as the journal tells it up to there, as the
 * message of the contract. The same entry always gives the same bytes.
 */
export function messageOf(reading: Reading, entry: Entry, missed: readonly number[]): Payload {
  const { what, sequence } = entry;
  const type = tellOf(what.type);
  if (type === undefined || sequence === null) throw new Error(`${what.type} is not told to the application`);
  const format = reading.subscription?.format ?? "2025-04";
  const id = eventId(reading.call.id as CallId, sequence);
  return {
    ...envelope({ reading, type, id, at: entry.at, format }),
    sequence,
    ...(missed.length > 0 ? { missed: [...missed] } : {}),
    ...added(reading, what, format),
  };
}

/** What every message has: also the tool requests, which are asks. */
function envelope(of: { reading: Reading; type: string; id: string; at: number; format: Format }): Payload {
  const { reading, type, format } = of;
  const { call, assistant, customer, phone } = reading;
  const messages = reading.messages.map((message) => toWireMessage(message, format));
  const history = type === "status-update" && format === "2026-03" ? {} : { messages };
  const whole = type === "status-update";
  return {
    type,
    timestamp: of.at,
    id: of.id,
    call: type === "conversation-update" && format === "2025-04" ? { ...call, messages } : call,
    assistant: whole ? assistant : { _id: assistant["_id"] ?? "", name: assistant["name"] ?? "" },
    phone,
    customer,
    analysis: call.analysis,
    ...history,
  };
}

function added(reading: Reading, what: Entry["what"], format: Format): Payload {
  switch (what.type) {
    case "status-changed":
      return format === "2025-04" ? { status: reading.call.status } : {};
    case "hang":
    case "hang-recovered":
      return { hang: what.hang };
    case "error":
      return { error: what.error };
    default:
      return {};
  }
}

/** A tool request in the `envelope` format (contract 4.2). */
export function functionCallOf(
  reading: Reading,
  asked: Pick<HappeningOf<"tool-requested">, "toolCallId" | "name" | "arguments"> & { at: number },
): Payload {
  const format = reading.subscription?.format ?? "2025-04";
  const parameters = asked.arguments;
  return {
    ...envelope({ reading, type: "function-call", id: asked.toolCallId, at: asked.at, format }),
    functionCall: {
      id: asked.toolCallId,
      name: asked.name,
      parameters,
      arguments: JSON.stringify(parameters),
    },
  };
}
