import { type Definition, definitionsOf } from "./definitions.ts";
import type { Answer } from "./answer.ts";
import type { AssistantHandler } from "./assistant.ts";
import { systemNow } from "./clock.ts";
import { type Exchange, exchangeOf } from "./exchange.ts";
import { type Fault, printFault } from "./fault.ts";
import type { Handlers, OtherHandler } from "./handlers.ts";
import type { Host, Incoming } from "./incoming.ts";
import { makeLater } from "./later.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type NodeHandler, nodeHandler } from "./hosts/node.ts";
import { makeRespond } from "./respond.ts";
import { memoryReceipts, type Receipts } from "./receipts.ts";
import { memorySequences, type Sequences } from "./sequences.ts";
import type { Tool } from "./tool.ts";
import { verifier } from "./verification.ts";
import { fromWeb, toWeb } from "./hosts/web.ts";

type Secret =
  | {
      /** The Server URL's secret. `null` believes every sender, which is for trials only. */
      secret: string | null;
    }
  | {
      /** Several, while one is being replaced by another. */
      secrets: readonly string[];
    };

export type ServerUrlOptions = Secret & {
  tools?: Readonly<Record<string, Tool>>;
  /** Says who answers a call that names no assistant. */
  assistant?: AssistantHandler;
  on?: Handlers;
  onOther?: OtherHandler;
  /** Told of everything of the application's that threw; by default a line on standard error. */
  onFault?: (fault: Fault) => void;
  /** Shown every request with its answer, before it is sent; refused ones too. */
  onExchange?: (exchange: Exchange) => void;
  /** Where answered ids are remembered; by default in memory. */
  receipts?: Receipts;
  /** Where the last sequence of each call is remembered; by default in memory. */
  sequences?: Sequences;
  /**
   * Milliseconds. The handler of an event that takes longer is answered for
   * with 200 and goes on after the answer, where the host can wait for it
   * ({@link Host}); the next event of its call is handled after it. What goes
   * wrong after the answer is told to `onFault` and not sent again. If not
   * said, an event is answered when it has been handled.
   */
  answerAfterMs?: number;
  limits?: Partial<Limits>;
  /** Epoch ms. */
  now?: () => number;
};

export type ServerUrl = {
  /**
   * Answers a request; never rejects. For every host that speaks Web `Request`
   * and `Response`; a Worker hands its `ctx` as the second argument.
   */
  fetch: (request: Request, host?: Host) => Promise<Response>;
  /** The same for `node:http` and its like; mount it before any body parser. */
  node: NodeHandler;
  /** The same without a host's own types: what adapters are made of. Never rejects. */
  handle: (incoming: Incoming, host?: Host) => Promise<Answer>;
  /** The tools as an assistant's definition takes them. */
  definitions: () => Definition[];
  /** Resolves when no handler goes on after its answer any more: wait for it before the process ends. */
  settled: () => Promise<void>;
};

/**
 * Makes the receiver of a Server URL: it reads the raw body, verifies who sent
 * it (Standard Webhooks, or the vendor's shared header), reads any format of
 * contract 9 into one shape, handles each message once and answers it.
 *
 * Answers: 200; 400, 405, 408, 413, 415 for what is no message; 401 for a
 * sender that is not believed; 500 when a handler threw, 503 when there is too
 * much to do or a handler takes too long: the server then sends again. Every
 * refusal is `{"error": "<a sentence>"}`.
 *
 * Throws when it is made with a secret or a tool's name that can not be one.
 *
 * @example
 * const receiver = serverUrl({
 *   secret: process.env.SERVER_URL_SECRET ?? "",
 *   tools: { findSlots },
 *   on: { "end-of-call-report": (report) => save(report.call.id, report.analysis) },
 * });
 * createServer(receiver.node).listen(3000);
 */
export function serverUrl(options: ServerUrlOptions): ServerUrl {
  const { tools = {}, on = {}, onOther = () => undefined, now = systemNow, onExchange } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const onFault = shielded(options.onFault ?? printFault);
  const later = makeLater();
  const respond = makeRespond({
    tools: checkedNames(tools),
    assistant: options.assistant ?? null,
    on,
    onOther,
    onFault,
    limits,
    later,
    verify: verifier(secretsOf(options)),
    receipts: options.receipts ?? memoryReceipts(limits),
    sequences: options.sequences ?? memorySequences(limits),
    answerAfterMs: options.answerAfterMs ?? null,
  });
  const handle = async (incoming: Incoming, host: Host = {}): Promise<Answer> => {
    const at = now();
    const responded = await respond(incoming, at, host);
    try {
      onExchange?.(exchangeOf(incoming, at, responded));
    } catch (error) {
      onFault({ kind: "receiver", name: "onExchange", callId: null, error });
    }
    return responded.answer;
  };
  return {
    fetch: async (request, host) => toWeb(await handle(fromWeb(request), host)),
    node: nodeHandler(handle),
    handle,
    definitions: () => definitionsOf(tools),
    settled: later.settled,
  };
}

function secretsOf(options: Secret): readonly string[] | null {
  if ("secrets" in options) return options.secrets;
  return options.secret === null ? null : [options.secret];
}

const toolName = /^[a-zA-Z0-9_-]{1,64}$/u;

function checkedNames<Tools extends object>(tools: Tools): Tools {
  for (const name of Object.keys(tools)) {
    if (!toolName.test(name))
      throw new TypeError(`serverUrl: "${name}" is no tool's name: 1 to 64 letters, digits, _ or -`);
  }
  return tools;
}

/** A hook for faults must not make one. */
function shielded(onFault: (fault: Fault) => void): (fault: Fault) => void {
  return (fault) => {
    try {
      onFault(fault);
    } catch (error) {
      printFault({ ...fault, error });
    }
  };
}
