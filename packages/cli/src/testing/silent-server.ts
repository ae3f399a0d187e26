import { createServer } from "node:http";

/** A server on this machine that takes requests and never answers. */
export type SilentServer = {
  url: string;
  /** Settles with the first request. */
  asked: Promise<void>;
  close(): Promise<void>;
};

export async function silentServer(): Promise<SilentServer> {
  let hear: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (hear = resolve));
  const server = createServer(() => hear());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    asked,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
