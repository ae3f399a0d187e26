import { createServer, type Socket } from "node:net";
import { answerParent } from "../harness/child.ts";
import { sharedNowMs } from "../harness/time.ts";

/**
 * A model server of OpenAI's kind that answers at once and speaks like a fast
 * model. The first piece of a reply says when the request was there and when
 * the piece was sent, so that whoever hears it knows both. It is HTTP, but
 * written out beforehand, so that it takes little of the machine from those
 * who are measured.
 */
const pieces = 12;
const pieceEveryMs = 20;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  let arrivedAt = 0;
  socket.on("error", () => undefined);
  socket.on("data", (part) => {
    if (rest.length === 0) arrivedAt = sharedNowMs();
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const end = endOfRequest(rest);
    if (end === undefined) return;
    rest = rest.subarray(end);
    speak(socket, arrivedAt);
  });
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

/** One request at a time, with a body of a told length. */
function endOfRequest(bytes: Buffer): number | undefined {
  const headersEnd = bytes.indexOf("\r\n\r\n");
  if (headersEnd === -1) return undefined;
  const [, length = "0"] =
    /\r\ncontent-length: *([0-9]+)/iu.exec(bytes.toString("latin1", 0, headersEnd)) ?? [];
  const end = headersEnd + 4 + Number(length);
  return bytes.length < end ? undefined : end;
}

const head = [
  "HTTP/1.1 200 OK",
  "content-type: text/event-stream",
  "cache-control: no-cache",
  // As long as real ones, so that no connection ends between two turns.
  "connection: keep-alive",
  "keep-alive: timeout=600",
  "transfer-encoding: chunked",
  "\r\n",
].join("\r\n");
const next = Buffer.from(inTransfer(chunk({ content: "and so on " }, null)));
const last = Buffer.from(`${inTransfer(chunk({}, "stop"))}${inTransfer("data: [DONE]\n\n")}0\r\n\r\n`);

function speak(socket: Socket, arrivedAt: number): void {
  let said = 1;
  const sayOn = (): void => {
    said += 1;
    socket.write(said > pieces ? last : next);
    if (said <= pieces) setTimeout(sayOn, pieceEveryMs);
  };
  const first = `[${arrivedAt.toFixed(3)} ${sharedNowMs().toFixed(3)}] `;
  socket.write(`${head}${inTransfer(chunk({ content: first }, null))}`);
  setTimeout(sayOn, pieceEveryMs);
}

/** One piece of a chunked body (RFC 9112, 7.1). */
function inTransfer(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function chunk(delta: { content?: string }, reason: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: reason }];
  const body = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "bench", choices };
  return `data: ${JSON.stringify(body)}\n\n`;
}
