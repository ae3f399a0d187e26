/**
 * P9: how many signed messages a receiver takes per second, from the socket to
 * the handler and back. In one run: `@offhook/server-url` behind node:http and
 * behind Hono; the limit, bare node:http with an HMAC and JSON.parse; the peer,
 * `standardwebhooks` with Hono. One connection holds one request at a time.
 *
 *   npx node bench/p9-receiver.ts [--rounds 7] [--requests 10000] [--json]
 *
 * Not included: TLS, the network, what a handler does.
 */
import { fork } from "node:child_process";
import { createHmac, createSecretKey } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { listen, subjects, type SubjectName } from "./p9-subjects.ts";

const secret = `whsec_${Buffer.from("a secret for the bench, 32 bytes").toString("base64")}`;
const connections = 32;
const bodyBytes = 1_024;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    requests: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});

type Measured = { perSecond: number; cpuMicros: number };
type Server = { port: number; cpuMicros(): Promise<number>; close(): void };

if (values.serve === undefined) await measureAll(Number(values.rounds), Number(values.requests));
else await serveFor(values.serve);

/** The child process: one receiver, which tells its port, and its processor time when it is asked. */
async function serveFor(name: string): Promise<void> {
  const found = Object.entries(subjects).find(([known]) => known === name);
  if (found === undefined) throw new Error(`there is no subject ${name}`);
  process.on("disconnect", () => process.exit());
  process.on("message", () => process.send?.(process.cpuUsage().user + process.cpuUsage().system));
  process.send?.(await listen(found[1](secret)));
}

async function start(name: SubjectName): Promise<Server> {
  const child = fork(import.meta.filename, ["--serve", name]);
  const ready: unknown[] = await once(child, "message");
  return {
    port: Number(ready[0]),
    async cpuMicros() {
      const told: Promise<unknown[]> = once(child, "message");
      child.send("cpu");
      return Number((await told)[0]);
    },
    close: () => child.kill(),
  };
}

async function measureAll(rounds: number, requests: number): Promise<void> {
  const names = Object.keys(subjects).filter((name): name is SubjectName => name in subjects);
  const results = new Map(names.map((name): [SubjectName, Measured[]] => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const measured = await measure(name, requests);
      // The first is for warming up the machine, and is thrown away.
      if (round >= 0) results.get(name)?.push(measured);
    }
  }
  const medians = new Map([...results].map(([name, all]) => [name, medianOf(all)]));
  report(medians, { rounds, requests });
}

async function measure(name: SubjectName, requests: number): Promise<Measured> {
  const server = await start(name);
  try {
    // A process of its own each time; what it compiles is not what is measured.
    await drive(server.port, signedRequests(2_000, "warm"));
    const signed = signedRequests(requests, "run");
    const cpuBefore = await server.cpuMicros();
    const begunAt = performance.now();
    await drive(server.port, signed);
    const elapsedMs = performance.now() - begunAt;
    const cpuMicros = ((await server.cpuMicros()) - cpuBefore) / requests;
    return { perSecond: (requests / elapsedMs) * 1_000, cpuMicros };
  } finally {
    server.close();
  }
}

/** Whole HTTP requests with a body of 1 KiB, each with an id of its own, signed now. */
function signedRequests(count: number, prefix: string): Buffer[] {
  const key = createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
  const timestamp = Math.floor(Date.now() / 1_000);
  return Array.from({ length: count }, (_, index) => {
    const id = `evt_${prefix}_${index}`;
    const body = bodyOf(id, index);
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const head = [
      "POST /offhook HTTP/1.1",
      "host: 127.0.0.1",
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestamp}`,
      `webhook-signature: v1,${mac}`,
      "offhook-attempt: 1",
      "user-agent: Offhook/0.1.0",
    ];
    return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  });
}

function bodyOf(id: string, index: number): string {
  const message = (text: string) => ({
    message: {
      type: "conversation-update",
      id,
      sequence: (index % 20) + 1,
      timestamp: 1_795_000_000_000 + index,
      call: { id: `TC-00000000-0000-4000-8000-${String(index).padStart(12, "0")}`, status: "ongoing" },
      assistant: { _id: "asst-1", name: "Reception" },
      phone: { number: "", provider: { name: "" } },
      customer: { number: "web-ada", name: "Ada" },
      analysis: {},
      messages: [{ messageId: "m1", role: "assistant", text, timestamp: "2026-11-23T10:00:00.000Z" }],
    },
  });
  const bare = JSON.stringify(message("")).length;
  return JSON.stringify(message("x".repeat(Math.max(0, bodyBytes - bare))));
}

async function drive(port: number, requests: readonly Buffer[]): Promise<void> {
  let next = 0;
  const take = (): Buffer | undefined => requests[next++];
  await Promise.all(Array.from({ length: connections }, () => driveOne(connect(port, "127.0.0.1"), take)));
}

/** Sends one request after another over a connection; anything but 200 ends the bench. */
function driveOne(socket: Socket, take: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = "";
    const send = (): void => {
      const request = take();
      if (request !== undefined) socket.write(request);
      else socket.end(resolve);
    };
    socket.setNoDelay(true).setEncoding("latin1").on("error", reject).on("connect", send);
    socket.on("data", (piece: string) => {
      got += piece;
      if (!isWhole(got)) return;
      if (!got.startsWith("HTTP/1.1 200")) reject(new Error(got));
      got = "";
      send();
    });
  });
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const length = /\r\ncontent-length: (\d+)/iu.exec(answer)?.[1];
  return length === undefined ? answer.endsWith("0\r\n\r\n") : answer.length >= head + 4 + Number(length);
}

function medianOf(all: readonly Measured[]): Measured {
  const middle = (of: (one: Measured) => number): number => {
    const sorted = all.map(of).toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return { perSecond: middle((one) => one.perSecond), cpuMicros: middle((one) => one.cpuMicros) };
}

function report(
  medians: ReadonlyMap<SubjectName, Measured>,
  run: { rounds: number; requests: number },
): void {
  const perSecond = (name: SubjectName): number => medians.get(name)?.perSecond ?? Number.NaN;
  const ratios = {
    ofBare: perSecond("offhook") / perSecond("bare"),
    ofPeer: perSecond("offhook") / perSecond("standardwebhooks+hono"),
  };
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  if (values.json) {
    console.log(
      JSON.stringify({
        bench: "p9-receiver",
        machine,
        ...run,
        connections,
        medians: Object.fromEntries(medians),
        ratios,
      }),
    );
    return;
  }
  console.log(
    `P9 receiver: ${machine.cores} × ${machine.cpu}, Node ${machine.node}; ${run.rounds} rounds of ${run.requests}, ${connections} connections`,
  );
  for (const [name, { perSecond: rate, cpuMicros }] of medians)
    console.log(
      `${name.padEnd(24)} ${rate.toFixed(0).padStart(8)}/s  ${cpuMicros.toFixed(1).padStart(6)} µs of the receiver's processor each`,
    );
  console.log(
    `of the limit: ${ratios.ofBare.toFixed(2)} (target 0.8); of the peer: ${ratios.ofPeer.toFixed(2)} (target 1.5)`,
  );
}
