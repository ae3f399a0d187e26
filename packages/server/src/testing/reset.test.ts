import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { listen } from "./listening.ts";
import { reset } from "./reset.ts";

test.each([
  { when: "as it is", before: () => undefined },
  { when: "while its end is on its way", before: (socket: Socket) => void socket.end() },
])("a connection that is reset $when is closed", async ({ before }) => {
  const server = createServer((near) => near.on("error", () => undefined).resume());
  const socket = connect(await listen(server, "127.0.0.1"), "127.0.0.1");
  await once(socket, "connect");
  before(socket);
  const closed = once(socket, "close");
  reset(socket);
  await closed;
  await new Promise((resolve) => server.close(resolve));
  expect(socket.destroyed).toBe(true);
});
