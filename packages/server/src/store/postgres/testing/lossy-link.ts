import { connect, createServer, type Socket } from "node:net";
import { listen } from "../../../testing/listening.ts";

/** A link to a database on which answers can be lost, or never come. */
export type LossyLink = {
  url: string;
  /** The next answer is lost with its connection, after the database has given it. */
  loseNextAnswer(): void;
  /** Is done when one is lost, before its asker can know. */
  onLoss: () => Promise<unknown>;
  /** From now on no answer comes, or they come again. */
  stall(isStalled: boolean): void;
  close(): Promise<void>;
};

export async function openLossyLink(to: string): Promise<LossyLink> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  const state = { losesNext: false, isStalled: false };
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    client.on("data", (data) => database.write(data)).on("close", () => database.destroy());
    database
      .on("close", () => client.destroy())
      .on("data", (data) => {
        if (state.isStalled) return;
        if (!state.losesNext) return void client.write(data);
        state.losesNext = false;
        void link.onLoss().finally(() => client.destroy());
      });
  });
  const port = await listen(server, "127.0.0.1");
  const url = new URL(to);
  url.port = String(port);
  const link: LossyLink = {
    url: url.href,
    onLoss: async () => undefined,
    loseNextAnswer: () => void (state.losesNext = true),
    stall: (isStalled) => void (state.isStalled = isStalled),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return link;
}
