// A Server URL in plain Node, without any package: SERVER_URL_SECRET=… PORT=3000 node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const secret = process.env.SERVER_URL_SECRET;
const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
const tools = { findSlots: async ({ day }) => `On ${day} nine o'clock is free.` };
const answered = new Map(); // by webhook-id; in earnest a table, so that it outlives the process

function isSigned(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= 300)) return false;
  const mac = Buffer.from(
    `v1,${createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64")}`,
  );
  const given = signatures.split(" ").map((one) => Buffer.from(one));
  return given.some((one) => one.length === mac.length && timingSafeEqual(one, mac));
}

async function answer({ type, functionCall, call, analysis }) {
  if (type === "end-of-call-report") console.log("report of", call.id, analysis.summary);
  if (type !== "function-call") return { received: true }; // 200 for every type, also those that come later
  if (!Object.hasOwn(tools, functionCall.name)) return { error: `There is no tool ${functionCall.name}.` };
  try {
    return { result: await tools[functionCall.name](functionCall.parameters) };
  } catch (error) {
    return { error: `${functionCall.name} failed: ${error.message}` };
  }
}

createServer(async (request, response) => {
  const reply = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    if (request.method !== "POST") return reply(405, { error: "A Server URL takes POST." });
    const body = await buffer(request);
    if (!isSigned(request.headers, body)) return reply(401, { error: "The signature does not fit." });
    const { message = {} } = Object(JSON.parse(body));
    const id = request.headers["webhook-id"];
    if (!answered.has(id)) answered.set(id, answer(message));
    reply(200, await answered.get(id));
  } catch {
    reply(400, { error: "The body is not a message." });
  }
}).listen(process.env.PORT, "127.0.0.1");
