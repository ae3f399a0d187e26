import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody has at the moment, for what must have the same one after it was started again. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const place = server.address();
  server.close();
  await once(server, "close");
  if (typeof place !== "object" || place === null) throw new Error(`there is no port at ${host}`);
  return place.port;
}
