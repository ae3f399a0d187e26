import type { assistantBody, Json } from "@offhook/protocol";
import type { z } from "zod";
import { accept, type Answer, refuse } from "./answer.ts";
import { type Fault, sentenceOf } from "./fault.ts";
import type { Head } from "./handlers.ts";
import type { Limits } from "./limits.ts";
import type { Once } from "./once.ts";
import { isObject } from "./reading/loose.ts";
import type { AssistantRequest } from "./reading/received.ts";
import { Stop } from "./stop.ts";

/** What an {@link AssistantHandler} is told beside the call. */
export type AssistantContext = {
  /** Epoch ms of its arrival, by the receiver's `now`. */
  at: number;
  readonly headers: Headers;
  /** Aborted when the receiver has stopped waiting for the answer (`assistantMsMax`). */
  readonly signal: AbortSignal;
};

type ForThisCall = {
  /** Fields of the assistant that are other for this call, and the variables of its texts. */
  assistantOverrides?: { dynamicVariables?: Record<string, Json>; [field: string]: unknown };
  /**
   * Whether the assistant, never its overrides, also answers later calls for
   * which no answer is had; true if not said. False where the caller stands in
   * the assistant's own texts.
   */
  reuse?: boolean;
};

/** An assistant that is sent along: fields with a default may be left out. The server checks all of it. */
export type InlineAssistant = z.input<typeof assistantBody>;

/** Who answers a call: a stored assistant, or one that is sent along. `{error}` says why nobody does. */
export type AssistantChoice =
  | (ForThisCall & { assistantId: string; assistant?: never; error?: never })
  | (ForThisCall & { assistant: InlineAssistant; assistantId?: never; error?: never })
  | { error: string; assistantId?: never; assistant?: never };

/**
 * Says who answers a call that names no assistant. Somebody waits on the line,
 * and the server waits 7.5 s unless it is told otherwise. Where nobody is named
 * (`{error}`, nothing, an `Error`), the server takes whom it knows: the last
 * that was named, or a default.
 */
export type AssistantHandler = (
  request: AssistantRequest,
  context: AssistantContext,
) => AssistantChoice | null | undefined | void | Promise<AssistantChoice | null | undefined | void>;

export type Choosing = {
  assistant: AssistantHandler | null;
  once: Once;
  limits: Limits;
  onFault: (fault: Fault) => void;
};

/**
 * Asks the application who answers, once for each call, and answers with what
 * fits `assistant-request` (decision 17). What goes wrong is 200 with an error:
 * the server keeps its words in the call's journal, and finds somebody else.
 */
export async function answerWho(request: AssistantRequest, head: Head, choosing: Choosing): Promise<Answer> {
  const { once, limits } = choosing;
  const stop = new Stop();
  const id = head.incoming.header("webhook-id") ?? request.id;
  const choose = () => chosen(request, new Context(head, stop), choosing);
  const ran = await once.run(id === "" ? null : id, limits.assistantMsMax, choose);
  if (ran.kind === "answered") return { status: 200, body: ran.body };
  if (ran.kind !== "late") return refuse("busy", "Another process is finding out who answers. Ask again.");
  stop.abort();
  return accept({ error: `It was not said within ${limits.assistantMsMax / 1_000} s who answers.` });
}

class Context implements AssistantContext {
  readonly at: number;
  readonly #head: Head;
  readonly #stop: Stop;

  constructor(head: Head, stop: Stop) {
    this.at = head.at;
    this.#head = head;
    this.#stop = stop;
  }

  get headers(): Headers {
    return this.#head.incoming.headers();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }
}

/** The answer as JSON text. */
async function chosen(
  request: AssistantRequest,
  context: AssistantContext,
  { assistant, onFault }: Choosing,
): Promise<string> {
  if (assistant === null) return failure("This receiver was not given `assistant`, which says who answers.");
  try {
    const choice: unknown = await assistant(request, context);
    if (choice === undefined || choice === null)
      return failure("The application names nobody for this call.");
    const text = JSON.stringify(choice);
    const fault = faultOf(choice) ?? faultOfSize(text);
    if (fault === undefined) return text;
    const sentence = `What \`assistant\` gave does not fit: ${fault}.`;
    onFault(faultIn(request, new TypeError(sentence)));
    return failure(sentence);
  } catch (error) {
    onFault(faultIn(request, error));
    return failure(sentenceOf("`assistant`", error));
  }
}

function faultIn({ call }: AssistantRequest, error: unknown): Fault {
  return { kind: "handler", name: "assistant-request", callId: call.id, error };
}

function failure(error: string): string {
  return JSON.stringify({ error });
}

/** What the server would not take. The fields of an assistant are left to it. */
function faultOf(choice: unknown): string | undefined {
  if (!isObject(choice)) return "it is not an object";
  const { assistantId, assistant, assistantOverrides, reuse, error } = choice;
  if (error !== undefined)
    return typeof error === "string" && error !== "" ? undefined : "error is a sentence";
  if (assistantId === undefined && assistant === undefined) return "it has neither assistantId nor assistant";
  if (assistantId !== undefined && !isId(assistantId)) return "assistantId is the id of a stored assistant";
  if (assistant !== undefined && !(isObject(assistant) && isText(assistant.name)))
    return "assistant is an object with a name";
  return faultOfOverrides(assistantOverrides) ?? faultOfReuse(reuse);
}

function faultOfOverrides(overrides: unknown): string | undefined {
  if (overrides === undefined) return undefined;
  if (!isObject(overrides)) return "assistantOverrides is an object";
  const { dynamicVariables } = overrides;
  const fits = dynamicVariables === undefined || isObject(dynamicVariables);
  return fits ? undefined : "dynamicVariables is an object";
}

function faultOfReuse(reuse: unknown): string | undefined {
  return reuse === undefined || typeof reuse === "boolean" ? undefined : "reuse is true or false";
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isId = (value: unknown): boolean => typeof value === "string" && value !== "" && value.length <= 64;

/** The server reads no longer answer. */
const answerBytesMax = 1_048_576;

function faultOfSize(text: string): string | undefined {
  const bytes = new TextEncoder().encode(text).byteLength;
  return bytes <= answerBytesMax
    ? undefined
    : `it has ${bytes} bytes, more than the ${answerBytesMax} that fit`;
}
