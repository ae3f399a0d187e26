import type { JsonObject } from "@offhook/protocol";
import { readAnalysis } from "./analysis.ts";
import { readCall } from "./call.ts";
import { readHistory } from "./history.ts";
import { listOf, numberOf, objectOf, textOf, timeOf } from "./loose.ts";
import type { Envelope } from "./received.ts";

/** Reads what every message of a call carries; any object of it may be absent or empty. */
export function readEnvelope(message: JsonObject): Envelope {
  const assistant = objectOf(message.assistant);
  const phone = objectOf(message.phone);
  const customer = objectOf(message.customer);
  const call = readCall(message);
  return {
    id: textOf(message.id),
    sequence: numberOf(message.sequence),
    missed: listOf(message.missed).flatMap((item) => numberOf(item) ?? []),
    at: timeOf(message.timestamp),
    call,
    assistant: { id: textOf(assistant._id) ?? textOf(assistant.id), name: textOf(assistant.name) },
    phone: {
      number: textOf(phone.number) ?? call.assistantNumber,
      providerName: textOf(objectOf(phone.provider).name),
    },
    customer: { number: textOf(customer.number) ?? call.userNumber, name: textOf(customer.name) },
    messages: readHistory(message),
    analysis: readAnalysis(message),
  };
}
