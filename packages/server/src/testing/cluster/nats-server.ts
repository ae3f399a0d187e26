import { once } from "node:events";
import { connect } from "node:net";
import { type EngineProcess, startEngine } from "./engine-process.ts";
import { freePort } from "./free-port.ts";

/** A NATS server without storage, on a free port. */
export type NatsServer = {
  port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

export async function openNats(): Promise<NatsServer> {
  const port = await freePort();
  const start = (): Promise<EngineProcess> =>
    startEngine({
      command: "nats-server",
      args: ["--addr", "127.0.0.1", "--port", `${port}`],
      isReady: () => listens(port),
    });
  let engine = await start();
  const kill = (): Promise<void> => engine.end("SIGKILL");
  return {
    port,
    kill,
    async start() {
      engine = await start();
    },
    close: kill,
  };
}

/** Whether somebody takes connections there. */
export async function listens(port: number, host = "127.0.0.1"): Promise<boolean> {
  const socket = connect(port, host);
  const opened = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return opened;
}
