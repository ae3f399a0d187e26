import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { appSecret, eventually, idIn, messageIn, runApp } from "../testing/running-app.ts";

type Running = Awaited<ReturnType<typeof runApp>>;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A server on which one call is held, with a tool that answers. */
async function oneCall(env: Record<string, string>): Promise<Running> {
  const running = await runApp({
    env,
    script: (request) =>
      messageIn(request)["type"] === "function-call"
        ? { act: "answer", body: JSON.stringify({ result: "09:00" }) }
        : { act: "answer", status: 204 },
  });
  open.push(() => running.close());
  const assistant = {
    name: "Desk",
    assistantProvider: "rehearsal",
    assistantModel: "rehearsal",
    welcomeMessage: "Hello.",
    tools: [{ name: "findSlots", description: "Free slots", parameters: { type: "object", properties: {} } }],
    rehearsal: {
      rules: [
        { when: ["slots"], call: [{ name: "findSlots" }] },
        { after: "findSlots", say: "At nine." },
      ],
    },
    assistantServer: { url: `${running.serverUrl}?token=a-secret-in-the-query`, secret: appSecret },
  };
  const { body } = await running.api("POST", "/calls/v1/conversations/connect", { assistant });
  const id = idIn(body);
  expect(id, JSON.stringify(body)).toMatch(/^TC-/u);
  await running.api("POST", `/calls/v1/conversations/${id}/messages?wait=true`, { text: "slots?" });
  await running.api("POST", `/calls/v1/conversations/${id}/control`, { type: "end" });
  await eventually(() =>
    running.receiver.requests.some((request) => messageIn(request)["type"] === "end-of-call-report"),
  );
  return running;
}

/** The value of a figure, by its name with labels; `undefined` when it is not there. */
function figure(text: string, name: string): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test("a call and its deliveries are counted, and shown to who has a key", async () => {
  const running = await oneCall({});
  const show = async (headers: Record<string, string>) => fetch(`${running.url}/metrics`, { headers });
  expect((await show({})).status).toBe(401);
  let text = "";
  await eventually(async () => {
    const response = await show({ authorization: "Bearer a-key-for-tests-only" });
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    text = await response.text();
    return figure(text, "offhook_delivery_age_seconds_count") === running.receiver.requests.length - 1;
  });
  expect(figure(text, 'offhook_calls_begun_total{type="chat"}')).toBe(1);
  expect(figure(text, 'offhook_calls_ended_total{reason="control-ended"}')).toBe(1);
  expect(figure(text, 'offhook_tool_seconds_count{outcome="result"}')).toBe(1);
  expect(figure(text, "offhook_calls_live")).toBe(0);
  expect(figure(text, 'offhook_turns_total{outcome="answered"}')).toBe(1);
  const attempts = figure(text, 'offhook_attempt_seconds_count{outcome="accepted",kind="first"}');
  expect(attempts).toBe(figure(text, "offhook_delivery_age_seconds_count"));
  const route = 'method="POST",route="/calls/v1/conversations/:id/control",status="200"';
  expect(figure(text, `offhook_http_request_seconds_count{${route}}`)).toBe(1);
  expect(figure(text, "offhook_store_bytes")).toBeGreaterThan(10_000);
  expect(figure(text, "process_resident_memory_bytes")).toBeGreaterThan(0);
  expect(text).not.toContain("a-secret-in-the-query");
});

test("an address that is not there makes no figure of its own", async () => {
  const running = await oneCall({});
  const key = { authorization: "Bearer a-key-for-tests-only" };
  for (let number = 1; number <= 5; number += 1)
    await fetch(`${running.url}/no/such/${number}`, { headers: key, method: "PUT" });
  const text = await (await fetch(`${running.url}/metrics`, { headers: key })).text();
  const lines = text.split("\n").filter((line) => line.startsWith("offhook_http_request_seconds_count"));
  expect(lines.filter((line) => line.includes("such"))).toEqual([]);
  expect(lines.filter((line) => line.includes('status="404"') || line.includes('status="405"'))).toHaveLength(
    1,
  );
});

test("a port of their own shows the figures without a key, and nothing else", async () => {
  const port = await freePort();
  await oneCall({ OFFHOOK_METRICS_PORT: String(port) });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(figure(text, 'offhook_calls_begun_total{type="chat"}')).toBe(1);
  expect((await fetch(`http://127.0.0.1:${port}/calls/v1/conversations`)).status).toBe(404);
});

test("spans go to a collector, and their traceparent to the application; no secret is in them", async () => {
  const collector = await openCollector();
  const running = await oneCall({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const { requests } = running.receiver;
  await running.close();
  open.length = 1;
  const spans = collector.spans();
  const names = spans.map(({ name }) => name);
  expect(names.filter((name) => name === "tell")).toHaveLength(requests.length - 1);
  expect(names.filter((name) => name === "ask")).toHaveLength(1);
  expect(names).toContain("chat rehearsal");
  const sent = spans.flatMap(({ name, traceId, spanId }) =>
    name === "tell" || name === "ask" ? [`00-${traceId}-${spanId}-01`] : [],
  );
  expect(new Set(requests.map(({ headers }) => headers["traceparent"]))).toEqual(new Set(sent));
  expect(collector.text()).not.toContain("a-secret-in-the-query");
  expect(collector.text()).not.toContain(appSecret);
});

type SpanSeen = { name: string; traceId: string; spanId: string };

/** A collector that takes OTLP as JSON. */
async function openCollector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/v1/traces") bodies.push(Buffer.concat(chunks).toString("utf8"));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.join("\n"),
    spans: (): SpanSeen[] =>
      bodies.flatMap((body) =>
        (
          JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SpanSeen[] }[] }[] }
        ).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
