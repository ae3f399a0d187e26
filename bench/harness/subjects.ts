import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { serverUrl } from "@offhook/server-url";
import { toHono } from "@offhook/server-url/hono";
import { Hono } from "hono";
import { Webhook } from "standardwebhooks";

/** What the handler does with a message: as little as shows that it came. */
let handled = 0;
const note = (): void => {
  handled += 1;
};

/** The receivers that P9 compares, each behind node:http. */
export const subjects = {
  bare,
  offhook: (secret: string): RequestListener => receiver(secret).node,
  "offhook+hono": (secret: string): RequestListener =>
    listenerOf(new Hono().post("/offhook", toHono(receiver(secret)))),
  "standardwebhooks+hono": peer,
};
export type SubjectName = keyof typeof subjects;
export const subjectNames = [
  "bare",
  "offhook",
  "offhook+hono",
  "standardwebhooks+hono",
] as const satisfies SubjectName[];

/** Listens on this machine and gives the port. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function listenerOf(app: Hono): RequestListener {
  const listener = getRequestListener(app.fetch);
  return (request, response) => void listener(request, response);
}

function receiver(secret: string) {
  return serverUrl({ secret, on: { "conversation-update": note } });
}

function typeOf(text: string): unknown {
  const body: unknown = JSON.parse(text);
  const message = fieldOf(body, "message");
  return fieldOf(message, "type");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The limit: what nobody can leave out. */
function bare(secret: string): RequestListener {
  const key = createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const ok = isSigned(key, request, text);
      if (typeOf(text) === "conversation-update") note();
      response.writeHead(ok ? 200 : 401, { "content-type": "application/json" }).end('{"received":true}');
    });
  };
}

function isSigned(
  key: ReturnType<typeof createSecretKey>,
  { headers }: IncomingMessage,
  text: string,
): boolean {
  const mac = createHmac("sha256", key)
    .update(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${text}`)
    .digest();
  const given = Buffer.from(String(headers["webhook-signature"]).slice("v1,".length), "base64");
  return given.byteLength === mac.byteLength && timingSafeEqual(given, mac);
}

/** The peer: what a TypeScript team would take. */
function peer(secret: string): RequestListener {
  const webhook = new Webhook(secret);
  const app = new Hono().post("/offhook", async (context) => {
    const text = await context.req.text();
    const header = (name: string): string => context.req.header(name) ?? "";
    webhook.verify(text, {
      "webhook-id": header("webhook-id"),
      "webhook-timestamp": header("webhook-timestamp"),
      "webhook-signature": header("webhook-signature"),
    });
    if (typeOf(text) === "conversation-update") note();
    return context.json({ received: true });
  });
  return listenerOf(app);
}
