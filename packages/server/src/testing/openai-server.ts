import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { JsonObject } from "@offhook/protocol";
import { isObject, parseJson } from "../models/loose-json.ts";
import { type Clock, sleep, systemClock } from "../clock.ts";
import { type Reply, type Step, textReply } from "./openai-replies.ts";

/** A request as it came. */
export type RecordedRequest = { path: string; headers: Record<string, string>; body: JsonObject };

export type OpenAiServer = {
  /** Base URL, to which `/chat/completions` is appended. */
  url: string;
  requests: readonly RecordedRequest[];
  /** How many requests the client gave up before their reply was whole. */
  abandoned(): number;
  close(): Promise<void>;
};

export type OpenAiServerOptions = {
  /** One for each request, in order (the last one for all further ones), or chosen by the request. */
  replies: readonly Reply[] | ((request: RecordedRequest, number: number) => Reply);
  /** For the pauses inside replies; the system's unless given. */
  clock?: Clock;
};

/** Our fake of a server that speaks OpenAI's chat completions, over real HTTP on a free port. */
export async function openAiServer({
  replies,
  clock = systemClock,
}: OpenAiServerOptions): Promise<OpenAiServer> {
  const requests: RecordedRequest[] = [];
  const closing = new AbortController();
  let abandoned = 0;
  const server = createServer((incoming, outgoing) => {
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) abandoned += 1;
    });
    void record(incoming).then((request) => {
      requests.push(request);
      const number = requests.length - 1;
      const reply =
        typeof replies === "function" ? replies(request, number) : (replies[number] ?? replies.at(-1));
      return perform({ outgoing, reply: reply ?? textReply(""), clock, signal: closing.signal });
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    abandoned: () => abandoned,
    close() {
      closing.abort();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  let text = "";
  incoming.setEncoding("utf8");
  for await (const part of incoming) text += part;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  const body = parseJson(text);
  return { path: incoming.url ?? "", headers, body: isObject(body) ? body : {} };
}

type Performance = { outgoing: ServerResponse; reply: Reply; clock: Clock; signal: AbortSignal };

async function perform({ outgoing, reply, clock, signal }: Performance): Promise<void> {
  if (reply.kind === "whole") {
    outgoing.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    outgoing.end(reply.body);
    return;
  }
  if (reply.kind === "no-answer") return outgoing.destroy() && undefined;
  outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  outgoing.flushHeaders();
  for (const step of reply.steps) {
    if (outgoing.destroyed) return;
    if (step.kind === "wait") await sleep(clock, step.ms, signal);
    else if (step.kind === "hang-up") return outgoing.destroy() && undefined;
    else outgoing.write(lineOf(step));
  }
  outgoing.end();
}

function lineOf(step: Extract<Step, { kind: "chunk" | "raw" }>): string | Uint8Array {
  return step.kind === "raw" ? step.text : `data: ${JSON.stringify(step.chunk)}\n\n`;
}
