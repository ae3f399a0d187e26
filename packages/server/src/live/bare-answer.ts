import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Problem } from "@offhook/protocol";

/** Answers over a bare socket what no HTTP answer can be given to any more, and closes it. */
export function answerBare(socket: Duplex, problem: Problem, headers: Record<string, string> = {}): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? "Refused"}`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${[status, ...lines].join("\r\n")}\r\n\r\n${body}`);
}
