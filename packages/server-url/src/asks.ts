import { accept, type Answer, refuse } from "./answer.ts";
import { type Fault, sentenceOf } from "./fault.ts";
import type { Head } from "./handlers.ts";
import { identifyCall } from "./identity.ts";
import type { Limits } from "./limits.ts";
import type { Once } from "./once.ts";
import { isObject, parseJson } from "./reading/loose.ts";
import type { ReadToolCall, ToolRequest } from "./reading/received.ts";
import type { Checked, Tool, ToolContext } from "./tool.ts";

export type Asking = {
  tools: Readonly<Record<string, Tool>>;
  once: Once;
  limits: Limits;
  onFault: (fault: Fault) => void;
};

type Asked = Head & { request: ToolRequest };

/**
 * Runs the tools of a request, each call once, and answers as its sender
 * understands it: `{"result"}` or `{"error"}`, in a list of `results` for the
 * `tool-calls` style (contract 4.3 and 9). What goes wrong is 200 with an error
 * that the model can speak about; another status would lose the words.
 */
export async function answerTools(asked: Asked, asking: Asking): Promise<Answer> {
  const { style, calls } = asked.request;
  const { toolCallsMax } = asking.limits;
  const bodies = await Promise.all(
    calls.map((call, index) =>
      index < toolCallsMax ? answerCall(call, asked, asking) : tooMany(toolCallsMax),
    ),
  );
  if (bodies.includes(null))
    return refuse("busy", "The tool call is being handled by another process. Ask again.");
  if (style !== "tool-calls")
    return { status: 200, body: bodies[0] ?? failure("There is no tool call here.") };
  return accept({
    results: calls.map(({ id }, index) => ({ toolCallId: id, ...listed(bodies[index] ?? "{}") })),
  });
}

/** The answer as JSON text; null while another process makes it. */
async function answerCall(call: ReadToolCall, asked: Asked, asking: Asking): Promise<string | null> {
  const tool = toolOf(asking.tools, call.name);
  const waitMs = Math.min(tool?.timeoutMs ?? Number.POSITIVE_INFINITY, asking.limits.toolMsMax);
  const stop = new AbortController();
  const id = identifyCall(call, asked.request.callId, { get: asked.incoming.header });
  const ran = await asking.once.run(id, waitMs, () => make(call, { ...asked, signal: stop.signal }, asking));
  if (ran.kind === "answered") return ran.body;
  if (ran.kind !== "late") return null;
  stop.abort();
  return failure(`${call.name} has not answered within ${waitMs / 1_000} s.`);
}

async function make(
  call: ReadToolCall,
  asked: Asked & { signal: AbortSignal },
  asking: Asking,
): Promise<string> {
  const { tools, limits, onFault } = asking;
  const { name } = call;
  const tool = toolOf(tools, name);
  if (tool === undefined) return failure(`There is no tool "${name}" here. ${namesOf(tools)}`);
  try {
    const checked = await tool.check(call.arguments);
    return fitted(name, await run(name, checked, contextOf(call, asked)), limits.answerBytesMax);
  } catch (error) {
    onFault({ kind: "tool", name, callId: asked.request.callId, error });
    return failure(sentenceOf(name, error));
  }
}

function toolOf(tools: Readonly<Record<string, Tool>>, name: string): Tool | undefined {
  return Object.hasOwn(tools, name) ? tools[name] : undefined;
}

function contextOf(call: ReadToolCall, asked: Asked & { signal: AbortSignal }): ToolContext {
  const { request, at, attempt, signal, incoming } = asked;
  const { callId, envelope, original } = request;
  return {
    name: call.name,
    toolCallId: call.id,
    callId,
    envelope,
    original,
    at,
    attempt,
    signal,
    call: envelope?.call ?? null,
    get headers() {
      return incoming.headers();
    },
  };
}

async function run(name: string, checked: Checked, context: ToolContext): Promise<string> {
  if (checked.kind === "faulty") return failure(`The arguments of ${name} do not fit: ${checked.sentence}.`);
  return outcome(await checked.run(context));
}

function outcome(value: unknown): string {
  if (typeof value === "string") return JSON.stringify({ result: value });
  if (isObject(value) && typeof value.error === "string" && Object.keys(value).length === 1)
    return failure(value.error);
  // As text, which is the one form that every sender understands.
  return JSON.stringify({ result: JSON.stringify(value) ?? "done" });
}

async function tooMany(toolCallsMax: number): Promise<string> {
  return failure(`More than ${toolCallsMax} tool calls at once.`);
}

function failure(error: string): string {
  return JSON.stringify({ error });
}

function fitted(name: string, body: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(body).byteLength;
  return bytes <= bytesMax
    ? body
    : failure(`The answer of ${name} has ${bytes} bytes, more than the ${bytesMax} that fit.`);
}

function namesOf(tools: Readonly<Record<string, Tool>>): string {
  const names = Object.keys(tools);
  return names.length === 0 ? "There are none." : `There are: ${names.join(", ")}.`;
}

/** An outcome in a list; its text is on one line, as Vapi demands. */
function listed(body: string): Record<string, string> {
  const given = parseJson(body);
  const fields = isObject(given) ? Object.entries(given) : [];
  return Object.fromEntries(
    fields.map(([name, text]) => [name, typeof text === "string" ? text.replaceAll(/\s*\n\s*/gu, " ") : ""]),
  );
}
