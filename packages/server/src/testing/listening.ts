import { createServer, type Server, type Socket } from "node:net";

/** Binds a server to a free port, and says which. */
export function listen(server: Server, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, host, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}

export type RawServer = {
  port: number;
  /** What came, in pieces, from all. */
  received: readonly Buffer[];
  connections: () => number;
  close: () => Promise<void>;
};

/** Listens with bare sockets, for what an HTTP server would not do. Without a host, on every address of the machine. */
export async function openRawServer(onSocket: (socket: Socket) => void, host?: string): Promise<RawServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}).on("data", (data) => received.push(data));
    socket.on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  const port = await listen(server, host);
  return {
    port,
    received,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
