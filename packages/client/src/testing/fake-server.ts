import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** A request as it came. */
export type Seen = {
  method: string;
  path: string;
  authorization: string | undefined;
  accept: string | undefined;
  body: string;
};

/** An HTTP server on this machine that answers as it is told, and remembers what it was asked. */
export type FakeServer = { url: string; seen: Seen[]; close(): Promise<void> };

type Answer = (request: Seen, response: ServerResponse) => void;

export async function openFakeServer(answer: Answer): Promise<FakeServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const hear = async (): Promise<void> => {
      const one = await seenOf(request);
      seen.push(one);
      answer(one, response);
    };
    void hear();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function seenOf(request: IncomingMessage): Promise<Seen> {
  const { method = "", url: path = "", headers } = request;
  return {
    method,
    path,
    authorization: headers.authorization,
    accept: headers.accept,
    body: await text(request),
  };
}
