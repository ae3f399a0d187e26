import { isDeepStrictEqual } from "node:util";
import {
  type AssistantAnswer,
  assistantAnswer,
  type AssistantOverrides,
  type AssistantRequestServer,
  type ConnectBody,
  type HappeningOf,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { Assistants, NumberBody } from "../assistants/assistants.ts";
import type { Kept } from "../assistants/library.ts";
import { mergePatch } from "../assistants/merge.ts";
import { type Resolved, resolve } from "../assistants/resolve.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store.ts";
import { type Asked, askForAssistant, type AskParts } from "./assistant-ask.ts";

/** Who is asked about calls that name no assistant, and who answers when nobody says. */
export type WhoRules = {
  server: AssistantRequestServer | undefined;
  defaultAssistantId: string | undefined;
};

export type WhoParts = AskParts & { assistants: Assistants; store: Store; log: Log; who: WhoRules };

/** A call that is to be answered; `messageOf` writes the request, should it have to be asked about. */
export type Caller = {
  teamId: TeamId;
  body: ConnectBody;
  callId: string;
  messageOf: (number: Kept<NumberBody> | undefined) => Readonly<Record<string, unknown>>;
  /** A call that will be refused is not worth asking about. */
  asks: "may-ask" | "asks-nobody";
};

export type Found = {
  who: Resolved;
  number: Kept<NumberBody> | undefined;
  /** How the assistant was found; undefined for a call that named it. */
  chosen: HappeningOf<"assistant-chosen"> | undefined;
};

/** Finds who answers: the one that is named, else the one that the application says, else the last that it said, else a default. */
export async function findWho(parts: WhoParts, caller: Caller): Promise<Found | Refusal> {
  const { teamId, body } = caller;
  const number =
    body.phoneNumberId === undefined
      ? undefined
      : await parts.assistants.numbers.find(teamId, body.phoneNumberId);
  if (number === undefined && body.phoneNumberId !== undefined) return noNumber(body.phoneNumberId);
  const { assistantId, assistant, assistantOverrides: overrides } = body;
  if (assistantId !== undefined || assistant !== undefined) {
    const who = await resolveAs(parts, teamId, { assistantId, assistant, overrides });
    return "refused" in who ? who : { who, number, chosen: undefined };
  }
  return choose(parts, caller, number);
}

type Given = Pick<AssistantAnswer, "assistantId" | "assistant"> & { overrides: AssistantOverrides };

function resolveAs(parts: WhoParts, teamId: TeamId, given: Given): Promise<Resolved | Refusal> {
  return resolve(parts.assistants, { teamId, ...given, now: parts.clock.now() });
}

async function choose(
  parts: WhoParts,
  caller: Caller,
  number: Kept<NumberBody> | undefined,
): Promise<Found | Refusal> {
  const { teamId, body } = caller;
  const overrides = body.assistantOverrides;
  const asked = caller.asks === "may-ask" ? await ask(parts, caller, number) : undefined;
  if (asked?.who !== undefined) return { who: asked.who, number, chosen: chosenBy("answer", asked.asked) };
  const kept = await lastAnswer(parts, teamId, number);
  const last = kept && (await resolveAs(parts, teamId, { ...kept, overrides }));
  if (last !== undefined && !("refused" in last))
    return { who: last, number, chosen: chosenBy("last-answer", asked?.asked) };
  const assistantId = number?.assistantId ?? parts.who.defaultAssistantId;
  if (assistantId === undefined) return nobody(asked?.asked);
  const who = await resolveAs(parts, teamId, { assistantId, overrides });
  return "refused" in who ? who : { who, number, chosen: chosenBy("default", asked?.asked) };
}

function chosenBy(by: HappeningOf<"assistant-chosen">["by"], asked: Asked | undefined): Found["chosen"] {
  return { type: "assistant-chosen", by, asked: asked ?? null };
}

type Outcome = { asked: Asked; who: Resolved | undefined };

async function ask(
  parts: WhoParts,
  { teamId, body, callId, messageOf }: Caller,
  number: Kept<NumberBody> | undefined,
): Promise<Outcome | undefined> {
  const server = number?.server ?? parts.who.server;
  if (server === undefined) return undefined;
  const where = number?.server === undefined ? "server" : "number";
  const { asked, answer } = await askForAssistant(parts, {
    where,
    server,
    callId,
    message: messageOf(number),
  });
  if (answer === undefined) return failed(parts, { callId, teamId }, asked);
  const { assistantId, assistant, assistantOverrides } = answer;
  const overrides = together(body.assistantOverrides, assistantOverrides);
  const who = await resolveAs(parts, teamId, { assistantId, assistant, overrides });
  if ("refused" in who) return failed(parts, { callId, teamId }, { ...asked, fault: faultIn(who) });
  if (answer.reuse) await keep(parts, { teamId, id: number?._id ?? serverId }, { assistantId, assistant });
  return { asked, who };
}

function failed({ log }: WhoParts, whose: { callId: string; teamId: TeamId }, asked: Asked): Outcome {
  const { where, elapsedMs, status, fault } = asked;
  log.warn("the application did not say who answers", { ...whose, where, elapsedMs, status, fault });
  return { asked, who: undefined };
}

function faultIn({ detail, errors = [] }: Refusal): string {
  return [detail, ...errors.map(({ path, message }) => `${path}: ${message}`)].join(" ");
}

/** What the answer changes wins over what the call brought; variables of both are there. */
function together(ofCall: AssistantOverrides, ofAnswer: AssistantOverrides | undefined): AssistantOverrides {
  if (ofAnswer === undefined) return ofCall;
  const { dynamicVariables } = ofCall;
  const merged = mergePatch(ofCall, ofAnswer);
  return {
    ...(typeof merged === "object" ? merged : {}),
    dynamicVariables: { ...dynamicVariables, ...ofAnswer.dynamicVariables },
  };
}

/** The id of the last answer of the server that the operator set. */
const serverId = "server";

/** Keeps who answered, not what was said for this caller. A store that fails is no reason to refuse the call. */
async function keep(
  { store, clock, log }: WhoParts,
  { teamId, id }: { teamId: TeamId; id: string },
  answer: Pick<AssistantAnswer, "assistantId" | "assistant">,
): Promise<void> {
  const { assistantId, assistant } = answer;
  const body = assistant === undefined ? { assistantId } : { assistant };
  const now = clock.now();
  try {
    const before = await store.findDocument("answer", { teamId, id });
    if (before !== undefined && isDeepStrictEqual(before.body, body)) return;
    await store.saveDocument("answer", { id, teamId, body, createdAt: now, updatedAt: now });
  } catch (error) {
    log.error("the last good answer could not be kept", { teamId, error });
  }
}

async function lastAnswer(
  { store }: WhoParts,
  teamId: TeamId,
  number: Kept<NumberBody> | undefined,
): Promise<Pick<AssistantAnswer, "assistantId" | "assistant"> | undefined> {
  const document = await store.findDocument("answer", { teamId, id: number?._id ?? serverId });
  const read = assistantAnswer.safeParse(document?.body);
  return read.success ? { assistantId: read.data.assistantId, assistant: read.data.assistant } : undefined;
}

/** A call under a number that is not there would be told of without one, and asked about elsewhere. */
function noNumber(id: string): Refusal {
  const detail = `There is no number ${id}: GET /assistants/v1/numbers lists those there are. Name one of them, or leave phoneNumberId out.`;
  return {
    refused: "invalid",
    detail,
    errors: [{ path: "/phoneNumberId", message: "the team has no such number" }],
  };
}

function nobody(asked: Asked | undefined): Refusal {
  if (asked === undefined) {
    const detail =
      "Name who answers: `assistantId`, or an inline `assistant`. A number can have an assistant or a server that says who answers.";
    return { refused: "invalid", detail };
  }
  const detail = `Nobody is there to answer: the application was asked, and ${asked.fault ?? "said nobody"}. Mend its answer, or set OFFHOOK_DEFAULT_ASSISTANT or the number's assistantId.`;
  return { refused: "nobody-answers", detail };
}
