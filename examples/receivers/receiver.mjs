// A Server URL in plain Node, without any package: SERVER_URL_SECRET=… PORT=3000 node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const secret = process.env.SERVER_URL_SECRET;
const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
const tools = new Map([["findSlots", ({ day }) => `On ${day.trim()} nine o'clock is free.`]]);
const answered = new Map(); // In earnest: a table with webhook-id as its key.

function isAuthentic(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": signedAt, "webhook-signature": given = "" } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(signedAt)) <= 300)) return false;
  const right = createHmac("sha256", key).update(`${id}.${signedAt}.`).update(body).digest("base64");
  const fits = (one) =>
    one.length === right.length + 3 && timingSafeEqual(Buffer.from(one), Buffer.from(`v1,${right}`));
  return given.split(" ").some(fits);
}

function run(name, given) {
  try {
    const tool = tools.get(name);
    if (tool === undefined) return { error: `There is no tool ${name}.` };
    return { result: tool(typeof given === "string" ? JSON.parse(given) : given) };
  } catch (error) {
    return { error: `The arguments do not fit: ${error.message}` };
  }
}

function handle(body, headers) {
  const { type, functionCall, toolCallList } = body?.message ?? {};
  if (type === "function-call")
    return run(functionCall.name, functionCall.parameters ?? functionCall.arguments);
  if (type === "tool-calls")
    return {
      results: toolCallList.map(({ id, function: f }) => ({ toolCallId: id, ...run(f.name, f.arguments) })),
    };
  if (type === undefined && headers["offhook-tool-name"]) return run(headers["offhook-tool-name"], body);
  console.log(type ?? "something else"); // In earnest: put it in a queue.
  return {};
}

async function answer(request) {
  if (request.method !== "POST") return [405, { error: "POST only" }];
  const body = await buffer(request);
  if (!isAuthentic(request.headers, body)) return [401, { error: "The signature does not fit." }];
  const id = request.headers["webhook-id"];
  try {
    // Once per webhook-id; who repeats it gets the same answer.
    if (!answered.has(id)) answered.set(id, handle(JSON.parse(body), request.headers));
  } catch {
    return [400, { error: "The body is no JSON." }];
  }
  return [200, answered.get(id)];
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
