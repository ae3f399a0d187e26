import { createServer, type ServerResponse } from "node:http";
import { answerParent } from "../harness/child.ts";
import { sharedNowMs } from "../harness/time.ts";

/**
 * A model server of OpenAI's kind that answers at once and speaks like a fast
 * model. The first piece of a reply says when the request was there and when
 * the piece was sent, so that whoever hears it knows both.
 */
const pieces = 12;
const pieceEveryMs = 20;

/** As long as real ones, so that no connection ends between two turns. */
const keepAliveTimeout = 600_000;

const server = createServer({ keepAliveTimeout }, (request, response) => {
  const arrivedAt = sharedNowMs();
  request.resume();
  request.on("end", () => speak(response, arrivedAt));
});

const handlers = {
  listen: (): Promise<string> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
        const address = server.address();
        resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`);
      });
    }),
};
export type ModelDoes = typeof handlers;

answerParent(handlers);

function speak(response: ServerResponse, arrivedAt: number): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  let said = 0;
  const sayOn = (): void => {
    said += 1;
    if (said > pieces) return finish(response);
    const first = `[${arrivedAt.toFixed(3)} ${sharedNowMs().toFixed(3)}] `;
    response.write(chunk({ content: said === 1 ? first : "and so on " }, null));
    setTimeout(sayOn, pieceEveryMs);
  };
  sayOn();
}

function finish(response: ServerResponse): void {
  response.write(chunk({}, "stop"));
  response.end("data: [DONE]\n\n");
}

function chunk(delta: { content?: string }, reason: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: reason }];
  const body = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "bench", choices };
  return `data: ${JSON.stringify(body)}\n\n`;
}
