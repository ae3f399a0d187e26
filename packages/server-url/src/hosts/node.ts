import { type Answer, headersOf, type Refused } from "../answer.ts";
import { bodyLate, brokenOff, joined, tooLarge } from "../body.ts";
import { endOf } from "../clock.ts";
import { type Host, type Incoming, lastingHost } from "../incoming.ts";
import type { Limits } from "../limits.ts";

/**
 * The part of `node:http` that is used here, so that nothing of Node is needed
 * to load or type the receiver. `IncomingMessage` and `ServerResponse` fit.
 */
export type NodeRequest = {
  method?: string | undefined;
  url?: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Whether the body has been read to its end. */
  readableEnded: boolean;
  /** The body as it came, where the host reads it first and keeps it (Google Cloud Functions do). */
  rawBody?: unknown;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  resume(): unknown;
};

export type NodeResponse = {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
};

export type NodeHandler = (request: NodeRequest, response: NodeResponse) => void;

/**
 * A receiver as a listener of `node:http`; the same as `receiver.node`.
 *
 * @example
 * createServer(toNode(receiver)).listen(3000);
 */
export function toNode(receiver: { node: NodeHandler }): NodeHandler {
  return receiver.node;
}

/** Puts a receiver behind `node:http`. */
export function nodeHandler(handle: (incoming: Incoming, host: Host) => Promise<Answer>): NodeHandler {
  return (request, response) => {
    void answerTo(request, response);
  };

  async function answerTo(request: NodeRequest, response: NodeResponse): Promise<void> {
    const answer = await handle(fromNode(request), lastingHost);
    response.statusCode = answer.status;
    const headers = headersOf(answer);
    for (const name in headers) response.setHeader(name, headers[name] ?? "");
    response.end(answer.body);
    // What still comes of a refused body is dropped, so that its sender can read the answer;
    // `requestTimeout` of the http server bounds it.
    request.resume();
  }
}

/** A request of `node:http` as a receiver takes it. */
export function fromNode(request: NodeRequest): Incoming {
  const { headers, rawBody } = request;
  const kept = rawBody instanceof Uint8Array ? rawBody : undefined;
  const header = (name: string): string | null => {
    const value = headers[name];
    if (value === undefined) return null;
    return typeof value === "string" ? value : value.join(", ");
  };
  return {
    method: request.method ?? "GET",
    target: request.url?.startsWith("/") ? request.url : "/",
    header,
    headers: () => webHeaders(Object.keys(headers), header),
    isUsed: request.readableEnded && kept === undefined,
    bytes: (limits) => (kept === undefined ? collect(request, limits) : keptBytes(kept, limits)),
  };
}

function webHeaders(names: readonly string[], header: (name: string) => string | null): Headers {
  const web = new Headers();
  for (const name of names) {
    const value = header(name);
    if (value !== null && !name.startsWith(":")) web.set(name, value);
  }
  return web;
}

function keptBytes(kept: Uint8Array, limits: Limits): Uint8Array | Refused {
  return kept.byteLength > limits.bodyBytesMax ? tooLarge(limits) : kept;
}

function collect(request: NodeRequest, limits: Limits): Promise<Uint8Array | Refused> {
  const late = () => bodyLate(limits);
  return endOf<Uint8Array | Refused>({ limitMs: limits.bodyWaitMsMax, late }, (end) =>
    listen(request, limits, end),
  );
}

function listen(request: NodeRequest, limits: Limits, end: (got: Uint8Array | Refused) => void): void {
  let chunks: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  // A close follows on every end.
  const broken = (): void => {
    if (!isOver) end(brokenOff());
  };
  request.on("data", (chunk) => {
    length += chunk.byteLength;
    if (length <= limits.bodyBytesMax) chunks.push(chunk);
    else {
      chunks = [];
      end(tooLarge(limits));
    }
  });
  request.on("end", () => {
    isOver = true;
    end(joined(chunks, length));
  });
  request.on("error", broken);
  request.on("close", broken);
}
