import {
  type AssistantAnswer,
  assistantAnswer,
  type AssistantRequestServer,
  dropSecrets,
  faultsOf,
  type HappeningOf,
  type Json,
  type JsonObject,
  wireHeaders,
} from "@offhook/protocol";
import { dropAddresses } from "../assistants/resolve.ts";
import type { Clock } from "../clock.ts";
import type { Egress, EgressAnswer } from "../delivery/egress-port.ts";
import { newTraceparent, secretFault, signedHeaders } from "../delivery/sign.ts";
import type { Random } from "../random.ts";
import { isObject, parseJson } from "../tools/json.ts";

export type AskParts = { egress: Egress; clock: Clock; random: Random };

/** Who is asked, about which call. */
export type AssistantAsk = {
  where: Asked["where"];
  server: AssistantRequestServer;
  callId: string;
  /** The `assistant-request` message. */
  message: Readonly<Record<string, unknown>>;
};

/** What came of asking, as the journal has it. */
export type Asked = NonNullable<HappeningOf<"assistant-chosen">["asked"]>;

/** An answer that serves, if there is one; else `asked.fault` says why not. */
export type Answered = { asked: Asked; answer: AssistantAnswer | undefined };

/** An answer may hold a whole assistant with its tools. */
const answerBytesMax = 1_048_576;
/** Characters of an answer that is no JSON, and of a fault, that are kept. */
const textMax = 500;

/** Asks the application who answers a call: once, within its time. Never throws; every end has its reason. */
export async function askForAssistant(parts: AskParts, ask: AssistantAsk): Promise<Answered> {
  const { egress, clock } = parts;
  const { server, where, callId } = ask;
  const id = `ask_${callId}`;
  const startedAt = clock.now();
  const unsent = secretFault(server.secret);
  const body = JSON.stringify({ message: ask.message });
  const answer: EgressAnswer | undefined =
    unsent === undefined
      ? await egress.send({
          url: server.url,
          method: "POST",
          headers: headersOf(parts, { server, id, body, callId }),
          body,
          timeoutMs: server.timeoutSeconds * 1_000,
          answerBytesMax,
          overLimit: "refuse",
          repeatable: true,
        })
      : undefined;
  const read = answer === undefined ? failed(`not sent: ${unsent}`) : readAnswer(answer, server);
  const { fault, shown } = read;
  const status = answer?.kind === "answered" ? answer.status : null;
  const asked: Asked = {
    where,
    id,
    elapsedMs: clock.now() - startedAt,
    status,
    answer: shown,
    fault: fault ?? null,
  };
  return { asked, answer: read.answer };
}

type Request = { server: AssistantRequestServer; id: string; body: string; callId: string };

function headersOf(
  { clock, random }: AskParts,
  { server, id, body, callId }: Request,
): Record<string, string> {
  const { secret, headers } = server;
  return signedHeaders({
    id,
    body,
    nowMs: clock.now(),
    attempt: 1,
    server: { headers, auth: "signature", ...(secret === undefined ? {} : { secret }) },
    traceparent: newTraceparent(random),
    extra: { [wireHeaders.callId]: callId },
  });
}

type Read = { answer: AssistantAnswer | undefined; fault: string | undefined; shown: Json };

function failed(fault: string, shown: Json = null): Read {
  const safe = withoutAddresses(fault);
  return { answer: undefined, fault: safe.slice(0, textMax), shown };
}

function readAnswer(answer: EgressAnswer, { timeoutSeconds }: AssistantRequestServer): Read {
  if (answer.kind === "timed-out") return failed(`it did not answer within ${timeoutSeconds} s`);
  if (answer.kind === "too-large") return failed(`its answer was larger than ${answerBytesMax / 1_024} KiB`);
  if (answer.kind !== "answered") return failed(answer.detail);
  const text = new TextDecoder().decode(answer.body);
  const parsed = parseJson(text);
  const shown = parsed.kind === "json" ? shownOf(parsed.value) : withoutAddresses(text).slice(0, textMax);
  if (answer.status < 200 || answer.status > 299) return failed(`it answered ${answer.status}`, shown);
  if (parsed.kind !== "json" || !isObject(parsed.value)) return failed("its answer is no JSON object", shown);
  const { error } = parsed.value;
  if (typeof error === "string" && error !== "") return failed(`it answered with an error: ${error}`, shown);
  const read = assistantAnswer.safeParse(parsed.value);
  if (read.success) return { answer: read.data, fault: undefined, shown };
  const faults = faultsOf(read.error).map(({ path, message }) => `${path} ${message}`.trim());
  return failed(`its answer does not fit: ${faults.join("; ")}`, shown);
}

/** What may stand in a journal: no secret, no address. */
function shownOf(value: Json): Json {
  if (!isObject(value)) return value;
  const text = JSON.stringify(dropAddresses(dropSecrets<JsonObject>(value)));
  const parsed = parseJson(withoutAddresses(text));
  return parsed.kind === "json" ? parsed.value : null;
}

function withoutAddresses(text: string): string {
  return text.replaceAll(/\bhttps?:\/\/[^\s"\\]+|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/giu, "[address]");
}
