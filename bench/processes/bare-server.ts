import { createServer } from "node:http";

/** The least that a server in Node can be: what starting one costs before ours is read. */
const server = createServer((_request, response) => response.end("{}"));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  console.log(`listens on http://127.0.0.1:${port}`);
});
process.once("SIGTERM", () => process.exit(0));
