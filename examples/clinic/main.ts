import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { clinicAssistant } from "./assistant.ts";
import { Book } from "./book.ts";
import { clinic } from "./clinic.ts";
import { patient } from "./patient.ts";
import { toJsonLine, toLine } from "./print.ts";

/*
 * The clinic's process. It reads
 *   CLINIC_SECRET  the secret of the Server URL
 *   CLINIC_PORT    0, the default, takes any free port
 *   CLINIC_OUTPUT  lines (the default) or json: nothing but one object a line on standard output
 *   CLINIC_DATA    a folder for the book; without one it is kept in memory
 * and tells a parent process, if there is one, `{ready: true, url, assistant, patient}`.
 */
const { CLINIC_SECRET: secret = "", CLINIC_OUTPUT: output = "lines", CLINIC_DATA: folder } = process.env;
const port = Number(process.env["CLINIC_PORT"] ?? 0);

const mistakes = [
  secret === "" && "CLINIC_SECRET is missing: give the secret of the Server URL, at least 8 characters.",
  !(Number.isInteger(port) && port >= 0 && port <= 65_535) && "CLINIC_PORT is a number from 0 to 65535.",
  !["lines", "json"].includes(output) && "CLINIC_OUTPUT is lines or json.",
].filter((mistake) => mistake !== false);
if (mistakes.length > 0) {
  console.error(mistakes.join("\n"));
  process.exit(2);
}

const print = output === "json" ? toJsonLine : toLine;
const say = output === "json" ? console.error : console.log;
const path = "/offhook";

if (folder !== undefined) mkdirSync(folder, { recursive: true });
const book = new Book(folder === undefined ? ":memory:" : join(folder, "clinic.db"));
const receiver = clinic({
  book,
  secret,
  // A clinic would send an e-mail here.
  deliver: async (to, letter) => {
    await wait(1_500);
    console.error(`Letter to ${to}: ${letter}`);
  },
  onExchange: (exchange) => {
    if (exchange.method === "POST") console.log(print(exchange));
  },
});

const server = createServer((request, response) => {
  if (request.url?.split("?", 1)[0] === path) receiver.node(request, response);
  else response.writeHead(404).end();
});

server.on("error", (error) => {
  console.error(`The clinic can not listen on port ${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : port}${path}`;
  say(`The clinic's Server URL is ${url}`);
  process.send?.({
    ready: true,
    url,
    assistant: clinicAssistant({ url, secret, tools: receiver.definitions() }),
    patient,
  });
});

/** Lets what is being answered be answered, then closes the book. */
function close(): void {
  // A connection that is still at work is not kept for more.
  server.keepAliveTimeout = 1;
  if (server.listening) server.close(() => book.close());
}
process.once("SIGINT", close).once("SIGTERM", close);
// A clinic that was started by another process ends with it, and is not kept by its channel.
process.once("disconnect", close);
process.channel?.unref();
