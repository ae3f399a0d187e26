import { sign, toleranceSeconds, verify } from "@offhook/protocol";
import { Agent, request } from "undici";
import { type Clock, timedOut, within } from "../clock.ts";
import type { Log } from "../log.ts";
import {
  limitOf,
  type Peer,
  type PeerAnswer,
  peerLimits,
  type PeerQuestion,
  type Peers,
  type Unreached,
} from "../peers.ts";
import type { Random } from "../random.ts";
import { Desk, Gate } from "./desk.ts";
import { Seen } from "./seen.ts";
import { readAnswer, writeAsked } from "./wire.ts";

export type HttpPeersParts = {
  /** The key of all servers of a store. */
  secret: string;
  /** The store's time, which all servers go by. */
  clock: Clock;
  random: Random;
  log: Log;
};

/** Questions over plain HTTP, to the address of the node that is asked. */
export type HttpPeers = Peers & {
  /** Answers requests of other servers; undefined when it is none, and somebody else is to answer it. */
  door: (request: Request) => Promise<Response> | undefined;
  close(): Promise<void>;
};

const path = "/internal/v1/ask";
/** A connection that cannot be made by then is given up: certainly nothing was asked over it. */
const connectMaxMs = 1_000;
const connectionsMax = 32;

/** Each question is signed as Standard Webhooks says, and good once. */
export function openHttpPeers(parts: HttpPeersParts): HttpPeers {
  const asking = new Asking(parts);
  let desk: Desk | undefined;
  const seen = new Seen(parts.clock, 2 * toleranceSeconds * 1_000);
  const take = async (question: Request): Promise<Response> => {
    const text = await signedText(question, parts, seen);
    if (text === undefined || desk === undefined) return notFound();
    const answered = await desk.take(text, peerLimits.bytesMax);
    return answered === undefined
      ? new Response(null, { status: 500 })
      : new Response(answered, { headers: { "content-type": "application/json" } });
  };
  return {
    ask: (peer, question) => asking.ask(peer, question),
    serve(answer) {
      const mine = new Desk(answer, parts.log);
      desk = mine;
      return { standAs: (nodeId) => mine.standAs(nodeId), close: () => (desk = undefined) };
    },
    door: (question) => (new URL(question.url).pathname === path ? take(question) : undefined),
    close: () => asking.close(),
  };
}

class Asking {
  readonly #parts: HttpPeersParts;
  readonly #gate = new Gate();
  readonly #agent = new Agent({
    connections: connectionsMax,
    connect: { timeout: connectMaxMs },
    pipelining: 1,
  });

  /** For what a listener is given time for: it keeps nobody else waiting. Its time is its only limit. */
  readonly #patient = new Agent({
    connect: { timeout: connectMaxMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
  });

  constructor(parts: HttpPeersParts) {
    this.#parts = parts;
  }

  ask(peer: Peer, question: PeerQuestion): Promise<PeerAnswer | Unreached> {
    return this.#gate.pass<PeerAnswer | Unreached>(() => this.#ask(peer, question), { unreached: "nobody" });
  }

  async #ask({ nodeId, url }: Peer, question: PeerQuestion): Promise<PeerAnswer | Unreached> {
    const { secret, clock, random } = this.#parts;
    const stop = new AbortController();
    const body = writeAsked({ to: nodeId, question });
    if (Buffer.byteLength(body) > peerLimits.bytesMax) return { unreached: "nobody" };
    const id = random.uuid();
    const timestamp = Math.floor(clock.now() / 1_000);
    const signature = await sign({ secret, id, timestamp, body });
    const sent = request(`${url}${path}`, {
      method: "POST",
      dispatcher: question.ask === "offer" ? this.#patient : this.#agent,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signature,
      },
      body,
      signal: stop.signal,
    }).then(async (response) => (response.statusCode === 200 ? answerIn(response.body) : elseOf(response)));
    const answered = await within(clock, limitOf(question), sent).catch(unreachedOf);
    if (answered !== timedOut) return answered;
    stop.abort();
    return { unreached: "no-answer" };
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#patient.destroy()]);
  }
}

type Answering = Awaited<ReturnType<typeof request>>;

async function answerIn(body: Answering["body"]): Promise<PeerAnswer | Unreached> {
  const text = await textOf(body);
  return (text === undefined ? undefined : readAnswer(text)) ?? { unreached: "no-answer" };
}

/** 404: it knows no such question, or not our key. Anything else may have come after it was done. */
async function elseOf({ statusCode, body }: Answering): Promise<Unreached> {
  await body.dump();
  return { unreached: statusCode === 404 ? "nobody" : "no-answer" };
}

const beforeConnected = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function unreachedOf(error: unknown): Unreached {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return { unreached: beforeConnected.has(code) ? "nobody" : "no-answer" };
}

/** The body of a request that another server of this store signed, the first time that it comes; else nothing. */
async function signedText(
  question: Request,
  { secret, clock }: HttpPeersParts,
  seen: Seen,
): Promise<string | undefined> {
  const { headers, method, body } = question;
  const header = (name: string): string => headers.get(`webhook-${name}`) ?? "";
  if (method !== "POST" || body === null || header("signature") === "") return undefined;
  // One that says itself that it is too large is not touched, so that it can be thrown away and the answer arrives.
  if (Number(headers.get("content-length") ?? 0) > peerLimits.bytesMax) return undefined;
  const text = await textOf(body);
  if (text === undefined) return undefined;
  const signed = { id: header("id"), timestamp: header("timestamp"), signature: header("signature") };
  const fault = await verify({ secrets: [secret], headers: signed, body: text, now: clock.now() });
  return fault === undefined && seen.isNew(signed.id) ? text : undefined;
}

/** The text, unless it is too long. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > peerLimits.bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function notFound(): Response {
  return new Response(null, { status: 404 });
}
