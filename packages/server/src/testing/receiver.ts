import { reset } from "./reset.ts";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Clock, sleep, systemClock, timedOut, within } from "../clock.ts";
import {
  type Egress,
  type EgressAnswer,
  type EgressRequest,
  noPhases,
  type Times,
} from "../delivery/egress-port.ts";

/** A request as it came; header names are in lower case, `at` is epoch ms. */
export type Received = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  at: number;
};

/** How a receiver behaves towards one request. */
export type Behaviour =
  | {
      act: "answer";
      status?: number;
      headers?: Record<string, string>;
      body?: string | Uint8Array;
      delayMs?: number;
    }
  /** Closes the connection without a word. */
  | { act: "reset" }
  | { act: "never" }
  /** Answers 200 at once, and then byte by byte. */
  | { act: "drip"; bytes: number; everyMs: number }
  /** Answers 200 with so many bytes, without saying how many. */
  | { act: "flood"; bytes: number }
  /** Answers 200 with the beginning of a body, and closes the connection. */
  | { act: "break-off" }
  /** Answers with something that is not HTTP. */
  | { act: "garbage" };

/** One behaviour for each request, in order (the last for all further ones), or chosen by the request. */
export type Script<Act = Behaviour> = readonly Act[] | ((request: Received, number: number) => Act);

export type Receiver = {
  url: string;
  port: number;
  requests: readonly Received[];
  /** How many connections were made. */
  connections: () => number;
  /** Bytes that the receiver managed to write of its floods. */
  flooded: () => number;
  behave(script: Script): void;
  /** Waits until so many requests have come; fails when that takes too long. */
  arrived(count: number, limitMs?: number): Promise<void>;
  close(): Promise<void>;
};

const accepts: Behaviour = { act: "answer", status: 200, body: "{}" };

/** Opens a recording Server URL on a free port. Without a script it answers 200 to everything. */
export async function openReceiver(
  given: { script?: Script; clock?: Clock; host?: string } = {},
): Promise<Receiver> {
  const { clock = systemClock, host = "127.0.0.1" } = given;
  const requests: Received[] = [];
  const closing = new AbortController();
  const count = { connections: 0, flooded: 0 };
  let script: Script = given.script ?? [];
  const waiting = new Set<() => void>();
  const server = createServer((incoming, outgoing) => {
    void read(incoming, clock.now()).then((request) => {
      requests.push(request);
      for (const look of waiting) look();
      const behaviour = chosen(script, request, requests.length - 1) ?? accepts;
      return behave(behaviour, {
        outgoing,
        clock,
        signal: closing.signal,
        flooded: (bytes) => (count.flooded += bytes),
      });
    });
  });
  server.on("connection", () => (count.connections += 1));
  const { port } = await listen(server, host);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/hook`,
    port,
    requests,
    connections: () => count.connections,
    flooded: () => count.flooded,
    behave: (next) => (script = next),
    async arrived(wanted, limitMs = 10_000) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => (requests.length >= wanted ? resolve() : undefined);
      waiting.add(look);
      look();
      const met = await within(systemClock, limitMs, promise);
      waiting.delete(look);
      if (met === timedOut)
        throw new Error(`${requests.length} of ${wanted} requests came within ${limitMs} ms`);
    },
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Performance = {
  outgoing: ServerResponse;
  clock: Clock;
  signal: AbortSignal;
  flooded: (bytes: number) => void;
};

async function behave(behaviour: Behaviour, performance: Performance): Promise<void> {
  const { outgoing, clock, signal } = performance;
  switch (behaviour.act) {
    case "answer":
      if (behaviour.delayMs !== undefined) await sleep(clock, behaviour.delayMs, signal);
      return void outgoing.writeHead(behaviour.status ?? 200, behaviour.headers).end(behaviour.body ?? "");
    case "reset":
      return void (outgoing.socket && reset(outgoing.socket));
    case "never":
      return undefined;
    case "drip":
      return drip(behaviour, performance);
    case "flood":
      return flood(behaviour.bytes, performance);
    case "break-off":
      outgoing.writeHead(200, { "content-length": "100" });
      return void outgoing.write("half", () => outgoing.socket?.destroy());
    case "garbage":
      return void outgoing.socket?.end("SSH-2.0-OpenSSH_9.9\r\n");
  }
}

async function drip(
  behaviour: { bytes: number; everyMs: number },
  { outgoing, clock, signal }: Performance,
): Promise<void> {
  outgoing.writeHead(200, { "content-type": "text/plain" });
  for (let sent = 0; sent < behaviour.bytes && !signal.aborted && !outgoing.destroyed; sent += 1) {
    outgoing.write("x");
    await sleep(clock, behaviour.everyMs, signal);
  }
  outgoing.end();
}

async function flood(bytes: number, { outgoing, signal, flooded }: Performance): Promise<void> {
  const piece = Buffer.alloc(65_536, "x");
  outgoing.writeHead(200, { "content-type": "text/plain" });
  for (let left = bytes; left > 0 && !signal.aborted && !outgoing.destroyed; left -= piece.length) {
    const part = piece.subarray(0, Math.min(left, piece.length));
    flooded(part.length);
    if (!outgoing.write(part)) await drained(outgoing);
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.on("drain", done).on("close", done);
  });
}

async function read(incoming: IncomingMessage, at: number): Promise<Received> {
  const body = await text(incoming);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers, body, at };
}

function listen(server: Server, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, host, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
    });
  });
}

function chosen<Act>(script: Script<Act>, request: Received, number: number): Act | undefined {
  return typeof script === "function" ? script(request, number) : (script[number] ?? script.at(-1));
}

/** What only a network can do. */
export type NetworkBehaviour = Behaviour | { act: "refuse-connection" } | { act: "forbid" };

export type RecordingEgress = Egress & { requests: readonly Received[] };

/** A way out without a network, in the time of `clock`: behaves to what is sent as a {@link Receiver} would. */
export function recordingEgress(clock: Clock, script: Script<NetworkBehaviour> = []): RecordingEgress {
  const requests: Received[] = [];
  const closing = new AbortController();
  const send = async (request: EgressRequest): Promise<EgressAnswer> => {
    const startedAt = clock.now();
    const { pathname, search } = new URL(request.url);
    const body = request.body === undefined ? "" : Buffer.from(request.body).toString();
    const received = {
      method: request.method,
      path: pathname + search,
      headers: { ...request.headers },
      body,
      at: startedAt,
    };
    const behaviour = chosen(script, received, requests.length) ?? accepts;
    requests.push(received);
    const signal = AbortSignal.any(
      request.signal === undefined ? [closing.signal] : [closing.signal, request.signal],
    );
    const { takesMs, answer } = played(behaviour, request);
    await sleep(clock, Math.min(takesMs, request.timeoutMs), signal);
    const elapsedMs = clock.now() - startedAt;
    const times = { elapsedMs, phases: noPhases };
    if (signal.aborted) return { kind: "stopped", detail: "it was given up", connected: true, ...times };
    if (takesMs <= request.timeoutMs) {
      const phases = answer.kind === "answered" ? { ...noPhases, firstByteMs: elapsedMs } : noPhases;
      return { ...answer, elapsedMs, phases };
    }
    const detail = `there was no answer within ${request.timeoutMs / 1_000} s`;
    return { kind: "timed-out", detail, connected: true, ...times };
  };
  return {
    requests,
    send,
    fetch: async (input, init = {}) => {
      const url = input instanceof Request ? input.url : String(input);
      const headers = Object.fromEntries(new Headers(init.headers));
      const body = typeof init.body === "string" ? init.body : "";
      const answer = await send({
        url,
        method: "POST",
        headers,
        body,
        timeoutMs: 300_000,
        answerBytesMax: 2 ** 30,
        overLimit: "cut",
        repeatable: false,
      });
      if (answer.kind !== "answered")
        throw new TypeError("fetch failed", { cause: new Error(answer.detail) });
      return new Response(Buffer.from(answer.body), { status: answer.status, headers: answer.headers });
    },
    close: async () => closing.abort(),
  };
}

type Unhurried<Of> = Of extends EgressAnswer ? Omit<Of, keyof Times> : never;
type Played = { takesMs: number; answer: Unhurried<EgressAnswer> };

function played(behaviour: NetworkBehaviour, request: EgressRequest): Played {
  const unreachable = (code: string, connected: boolean): Played => {
    return {
      takesMs: 0,
      answer: { kind: "unreachable", detail: `the receiver failed (${code})`, code, connected },
    };
  };
  switch (behaviour.act) {
    case "answer": {
      const { status = 200, headers = {}, body = "", delayMs: takesMs = 0 } = behaviour;
      return { takesMs, answer: answered({ status, headers, body: Buffer.from(body) }, request) };
    }
    case "drip": {
      const answer = {
        status: 200,
        headers: { "content-type": "text/plain" },
        body: Buffer.alloc(behaviour.bytes, "x"),
      };
      return { takesMs: behaviour.bytes * behaviour.everyMs, answer: answered(answer, request) };
    }
    case "flood": {
      const body = Buffer.alloc(Math.min(behaviour.bytes, request.answerBytesMax + 1), "x");
      return {
        takesMs: 0,
        answer: answered({ status: 200, headers: { "content-type": "text/plain" }, body }, request),
      };
    }
    case "never":
      return { ...unreachable("never", true), takesMs: Number.POSITIVE_INFINITY };
    case "reset":
    case "break-off":
      return unreachable("ECONNRESET", true);
    case "garbage":
      return unreachable("HPE_INVALID_CONSTANT", true);
    case "refuse-connection":
      return unreachable("ECONNREFUSED", false);
    case "forbid":
      return {
        takesMs: 0,
        answer: { kind: "forbidden", detail: "it may not be called", code: "private", connected: false },
      };
  }
}

type Unlimited = { status: number; headers: Record<string, string>; body: Buffer };

function answered({ status, headers, body }: Unlimited, request: EgressRequest): Unhurried<EgressAnswer> {
  const named = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (body.length <= request.answerBytesMax)
    return { kind: "answered", status, headers: named, body, truncated: false };
  if (request.overLimit === "refuse")
    return { kind: "too-large", detail: "the answer is too large", connected: true };
  return {
    kind: "answered",
    status,
    headers: named,
    body: body.subarray(0, request.answerBytesMax),
    truncated: true,
  };
}
