import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { sleep, systemNow } from "../clock.ts";
import { objectOf } from "../json.ts";

/** What can be wrong with it; with nothing it is a good receiver. */
export const receiverFaults = [
  "believes everybody",
  "believes who does not sign",
  "signs only the body",
  "leaves the id unsigned",
  "ignores old timestamps",
  "ignores future timestamps",
  "takes timestamps for milliseconds",
  "compares only a beginning",
  "reads only the first signature",
  "signs the JSON that it wrote again",
  "verifies only events",
  "answers GET",
  "minds the charset",
  "breaks at broken JSON",
  "accepts an empty body",
  "breaks at null",
  "reads only the first piece",
  "takes 100 KB at most",
  "answers late",
  "redirects",
  "is strict about types",
  "is strict about fields",
  "knows only its own statuses",
  "needs every object",
  "needs message.status",
  "needs a message",
  "keeps message ids unique",
  "refuses a hang",
  "refuses what it knows",
  "breaks at the same moment",
  "refuses the past",
  "refuses a gap",
  "refuses unknown calls",
  "does one thing at a time",
  "wants parameters as an object",
  "wants the envelope",
  "forgets the ids of a list",
  "answers only the first of a list",
  "runs a tool again",
  "says nothing of unknown tools",
  "finds tools in the prototype",
  "breaks at wrong arguments",
  "tells its secret",
] as const;
export type ReceiverFault = (typeof receiverFaults)[number];

type Has = (fault: ReceiverFault) => boolean;
type Json = Record<string, unknown>;
type Answer = { status: number; body: unknown; headers?: Record<string, string> };

export type BadReceiver = { url: string; close(): Promise<void> };

/** A receiver in plain Node that has these faults. Its tool `findSlots` takes `{day}`. */
export async function badReceiver(secret: string, faults: readonly ReceiverFault[]): Promise<BadReceiver> {
  const has: Has = (fault) => faults.includes(fault);
  const memory = makeMemory();
  const server = createServer((request, response) => {
    void answer(request, { secret, has, memory }).then((given) => respond(response, given));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  return {
    url: `http://127.0.0.1:${typeof place === "object" ? place?.port : 0}/hook`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function makeMemory() {
  return {
    ids: new Set<string>(),
    running: 0,
    runs: 0,
    tools: new Map<string, Promise<string>>(),
    sequences: new Map<unknown, number>(),
  };
}

type House = { secret: string; has: Has; memory: ReturnType<typeof makeMemory> };

function respond(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function answer(request: IncomingMessage, house: House): Promise<Answer> {
  const { has, memory } = house;
  if (request.method !== "POST")
    return has("answers GET") ? { status: 200, body: {} } : { status: 405, body: { error: "POST only" } };
  if (has("redirects")) return { status: 307, body: {}, headers: { location: "/elsewhere" } };
  if (has("minds the charset") && request.headers["content-type"] !== "application/json")
    return { status: 415, body: { error: "JSON only" } };
  memory.running += 1;
  try {
    const raw = has("reads only the first piece") ? await firstPiece(request) : await textOf(request);
    if (has("does one thing at a time") && memory.running > 1)
      return { status: 503, body: { error: "busy" } };
    // So that those who come at the same moment meet.
    await sleep(has("does one thing at a time") || has("breaks at the same moment") ? 20 : 0);
    if (has("breaks at the same moment") && memory.running > 1)
      return { status: 500, body: { error: "unique key" } };
    return await take(raw, request, house);
  } catch (error) {
    return { status: 500, body: { error: String(error) } };
  } finally {
    memory.running -= 1;
  }
}

function firstPiece(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => request.once("data", (piece: Buffer) => resolve(piece.toString())));
}

async function take(raw: string, request: IncomingMessage, house: House): Promise<Answer> {
  const { has, secret } = house;
  if (has("takes 100 KB at most") && raw.length > 102_400)
    return { status: 413, body: { error: "too long" } };
  const looksLikeTool = raw.includes("functionCall") || raw.includes("toolCallList");
  const isBelieved = has("verifies only events") && looksLikeTool ? true : isAuthentic(raw, request, house);
  if (!isBelieved)
    return { status: 401, body: { error: "not signed", ...(has("tells its secret") ? { secret } : {}) } };
  if (raw === "") return { status: has("accepts an empty body") ? 200 : 400, body: {} };
  const json = has("breaks at broken JSON") ? readJson(raw, true) : readJson(raw, false);
  if (json === undefined) return { status: 400, body: { error: "no JSON" } };
  return route(json, request, house);
}

function readJson(raw: string, throws: boolean): unknown {
  try {
    const json: unknown = JSON.parse(raw);
    return json;
  } catch (error) {
    if (throws) throw error;
    return undefined;
  }
}

function isAuthentic(raw: string, request: IncomingMessage, { secret, has }: House): boolean {
  if (has("believes everybody")) return true;
  const { id, timestamp, signature } = signedHeaders(request);
  if (signature === "") return has("believes who does not sign");
  const ageSeconds = systemNow() / (has("takes timestamps for milliseconds") ? 1 : 1_000) - Number(timestamp);
  if (Number.isNaN(ageSeconds)) return false;
  if (ageSeconds > 300 && !has("ignores old timestamps")) return false;
  if (ageSeconds < -300 && !has("ignores future timestamps")) return false;
  const body = has("signs the JSON that it wrote again") ? JSON.stringify(readJson(raw, false)) : raw;
  const content = has("signs only the body")
    ? body
    : `${has("leaves the id unsigned") ? "" : id}.${timestamp}.${body}`;
  const right = `v1,${createHmac("sha256", secret).update(content).digest("base64")}`;
  const parts = signature.split(" ");
  return (has("reads only the first signature") ? parts.slice(0, 1) : parts).some((one) =>
    fits(one, right, has),
  );
}

function fits(given: string, right: string, has: Has): boolean {
  if (has("compares only a beginning")) return given.length > 3 && right.startsWith(given.slice(0, 20));
  return given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
}

function signedHeaders({ headers }: IncomingMessage): { id: string; timestamp: string; signature: string } {
  const one = (name: string): string => String(headers[name] ?? "");
  return { id: one("webhook-id"), timestamp: one("webhook-timestamp"), signature: one("webhook-signature") };
}

async function route(json: unknown, request: IncomingMessage, house: House): Promise<Answer> {
  const { has } = house;
  if (json === null && has("breaks at null")) throw new TypeError("null has no message");
  const message = objectOf(objectOf(json)["message"]);
  const toolName = request.headers["offhook-tool-name"];
  const id = String(request.headers["webhook-id"]);
  if (message["type"] === "function-call" || message["type"] === "tool-calls")
    return tools(message, id, house);
  if (Object.keys(message).length > 0) return event(message, id, house);
  if (toolName !== undefined && !has("wants the envelope"))
    return { status: 200, body: await toolBody({ id, name: String(toolName), given: json }, house) };
  return has("needs a message")
    ? { status: 422, body: { error: "message is missing" } }
    : { status: 200, body: {} };
}

const known = new Set([
  "status-update",
  "conversation-update",
  "hang",
  "hang-recovered",
  "error",
  "end-of-call-report",
  "analysis-updated",
]);

/** What is wrong with an event; nothing, when nothing is. */
function eventFault(message: Json, { has, memory }: House): number | undefined {
  const { type, call, messages, sequence, missed } = message;
  const status = message["status"] ?? objectOf(call)["status"];
  const isOwnStatus = ["queued", "ongoing", "finished", "forwarded"].includes(String(status));
  if (has("is strict about types") && !known.has(String(type))) return 400;
  if (has("is strict about fields") && message["newField"] !== undefined) return 422;
  if (has("knows only its own statuses") && type === "status-update" && !isOwnStatus) return 422;
  if (has("needs message.status") && type === "status-update" && message["status"] === undefined) return 500;
  if (has("needs every object") && message["customer"] === undefined) return 500;
  if (has("refuses a hang") && type === "hang") return 404;
  if (has("refuses a gap") && missed !== undefined) return 409;
  const ids = Array.isArray(messages) ? messages.map((one) => objectOf(one)["messageId"]) : [];
  if (has("keeps message ids unique") && new Set(ids).size < ids.length) return 500;
  const before = memory.sequences.get(objectOf(call)["id"]);
  memory.sequences.set(objectOf(call)["id"], Number(sequence));
  if (has("refuses unknown calls") && before === undefined && Number(sequence) > 1) return 404;
  return has("refuses the past") && before !== undefined && before > Number(sequence) ? 409 : undefined;
}

async function event(message: Json, id: string, house: House): Promise<Answer> {
  const { has, memory } = house;
  if (has("answers late")) await sleep(250);
  if (has("refuses what it knows") && memory.ids.has(id)) return { status: 409, body: { error: "known" } };
  memory.ids.add(id);
  const fault = eventFault(message, house);
  return fault === undefined
    ? { status: 200, body: { received: true } }
    : { status: fault, body: { error: "no" } };
}

async function tools(message: Json, id: string, house: House): Promise<Answer> {
  const { has } = house;
  if (message["type"] === "function-call") {
    const { name, parameters } = objectOf(message["functionCall"]);
    return { status: 200, body: await toolBody({ id, name: String(name), given: parameters }, house) };
  }
  const list = Array.isArray(message["toolCallList"]) ? message["toolCallList"].map(objectOf) : [];
  const results: Json[] = [];
  for (const call of has("answers only the first of a list") ? list.slice(0, 1) : list) {
    const { name, arguments: given } = objectOf(call["function"]);
    const body = await toolBody({ id: String(call["id"]), name: String(name), given }, house);
    results.push({ ...(has("forgets the ids of a list") ? {} : { toolCallId: call["id"] }), ...body });
  }
  return { status: 200, body: { results } };
}

type ToolCall = { id: string; name: string; given: unknown };

async function toolBody(call: ToolCall, house: House): Promise<Json> {
  const { has, memory } = house;
  const own: Record<string, true> = { findSlots: true };
  const isThere = has("finds tools in the prototype") ? call.name in own : Object.hasOwn(own, call.name);
  if (!isThere)
    return has("says nothing of unknown tools") ? { result: "" } : { error: `no tool ${call.name}` };
  const text = typeof call.given === "string" && !has("wants parameters as an object");
  const given = text ? readJson(String(call.given), has("breaks at wrong arguments")) : call.given;
  const { day } = objectOf(given);
  if (has("breaks at wrong arguments") && typeof day !== "string")
    throw new TypeError("day.trim is no function");
  if (typeof day !== "string") return { error: "day is missing" };
  const before = has("runs a tool again") ? undefined : memory.tools.get(call.id);
  const run = before ?? find(day, memory);
  memory.tools.set(call.id, run);
  return { result: await run };
}

async function find(day: string, memory: House["memory"]): Promise<string> {
  memory.runs += 1;
  const number = memory.runs;
  await sleep(5);
  return `9:00 on ${day}, offer ${number}`;
}
