import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { listen } from "./listening.ts";

export type TestProxy = {
  port: number;
  /** What was asked of it: method, authority, and the credentials, in order. */
  asked: readonly { method: string; authority: string; authorization: string | undefined }[];
  close(): Promise<void>;
};

/**
 * A forward proxy that knows CONNECT. Every tunnel leads to this machine,
 * whatever address it is for, so that public addresses can be used in tests.
 */
export async function openTestProxy(
  given: { authorization?: string; status?: number } = {},
): Promise<TestProxy> {
  const asked: { method: string; authority: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const note = ({ method = "", url = "", headers }: IncomingMessage): number => {
    const authorization = headers["proxy-authorization"];
    asked.push({ method, authority: url, authorization });
    return authorization === given.authorization ? (given.status ?? 200) : 407;
  };
  const server = createServer((request, response) =>
    response.writeHead(note(request) === 407 ? 407 : 405).end(),
  );
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  server.on("connect", (request, socket: Socket, head) => {
    const status = note(request);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const there = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    sockets.add(there.on("error", () => socket.destroy()));
    socket.on("error", () => there.destroy());
    return undefined;
  });
  const port = await listen(server, "127.0.0.1");
  return {
    port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
