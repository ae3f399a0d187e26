import { createServer, type ServerOptions } from "node:https";
import type { TLSSocket } from "node:tls";
import { listen } from "./listening.ts";

export type TlsReceiver = {
  port: number;
  /** Each request: the host that was asked for, and the name in the certificate of who asked; `connection` counts from 1. */
  requests: readonly { host: string; client: string; connection: number; body: string }[];
  /** Sessions that were taken up again. */
  resumed: () => number;
  close(): Promise<void>;
};

/** An https Server URL with whatever certificate it is given. */
export async function openTlsReceiver(options: ServerOptions): Promise<TlsReceiver> {
  const requests: { host: string; client: string; connection: number; body: string }[] = [];
  const connections: TLSSocket[] = [];
  let resumed = 0;
  const server = createServer(options, (request, response) => {
    const connection = connections.findIndex((socket) => socket === request.socket) + 1;
    const client = String(connections[connection - 1]?.getPeerCertificate().subject?.CN ?? "");
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      requests.push({ host: request.headers.host ?? "", client, connection, body });
      response.end(client);
    });
  });
  server
    .on("tlsClientError", () => {})
    .on("secureConnection", (socket: TLSSocket) => {
      connections.push(socket);
      if (socket.isSessionReused()) resumed += 1;
    });
  const port = await listen(server, "127.0.0.1");
  return {
    port,
    requests,
    resumed: () => resumed,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
