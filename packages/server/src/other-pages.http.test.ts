import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { idIn, runApp } from "./testing/running-app.ts";

/** What a page that the operator happens to look at can do to a server on his machine. */
let app: Awaited<ReturnType<typeof runApp>>;

beforeAll(async () => {
  app = await runApp();
});
afterAll(() => app.close());

type Answer = { status: number; headers: Record<string, unknown>; body: string };

/** A request with headers that `fetch` would not send, as a browser does of its own accord. */
function ask(
  method: string,
  path: string,
  { body = "", ...headers }: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${app.url}${path}`, { method, headers }, (answer) => {
      void text(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
        reject,
      );
    });
    asked.on("error", reject).end(body);
  });
}

const page = { origin: "https://page.example", "sec-fetch-site": "cross-site", cookie: "a=b" };
const open = ["/", "/healthz", "/readyz", "/openapi.json"];
const doors: [string, string][] = [
  ["GET", "/assistants/v1/assistants"],
  ["POST", "/assistants/v1/assistants"],
  ["POST", "/assistants/v1/tools"],
  ["GET", "/calls/v1/conversations"],
  ["POST", "/calls/v1/conversations/connect"],
  ["GET", "/events/v1/events"],
  ["GET", "/events/v1/deliveries"],
  ["POST", "/events/v1/test"],
];

const permissions = (headers: Record<string, unknown>): string[] =>
  Object.keys(headers).filter((name) => name.startsWith("access-control-") || name === "set-cookie");

describe("a page of another origin", () => {
  it.each(doors)(
    "is not let in at %s %s, whatever a form can send, for a browser adds no key",
    async (method, path) => {
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json",
      ]) {
        const body = method === "POST" ? '{"name":"Forged"}' : "";
        const answer = await ask(method, path, { ...page, "content-type": type, body });
        expect([type, answer.status, permissions(answer.headers)]).toEqual([type, 401, []]);
      }
    },
  );

  it.each(doors)(
    "is given no permission to ask %s %s with a key that it has from elsewhere",
    async (method, path) => {
      const preflight = {
        ...page,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
      };
      const answer = await ask("OPTIONS", path, preflight);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(permissions(answer.headers)).toEqual([]);
    },
  );

  it.each(open)("may not read %s, and no cookie is set", async (path) => {
    expect(permissions((await ask("GET", path, page)).headers)).toEqual([]);
  });

  it("opens no live socket without the token of its call", async () => {
    const connected = await app.api("POST", "/calls/v1/conversations/connect", {
      assistant: { name: "Echo", assistantProvider: "rehearsal" },
    });
    const url = `${app.url.replace("http", "ws")}/calls/v1/conversations/${idIn(connected.body)}/live`;
    const refused = await new Promise((resolve) => {
      const socket = new WebSocket(url, { origin: "https://page.example" });
      socket.on("error", () => {}).on("open", () => resolve("open"));
      socket.on("unexpected-response", (_request, answer) => resolve(answer.statusCode));
    });
    expect(refused).toBe(401);
  });
});

describe("a name that was bound anew to this machine", () => {
  const rebound = { host: "page.example:4600", origin: "http://page.example:4600" };

  it.each(doors)("is not let in at %s %s", async (method, path) => {
    const answer = await ask(method, path, { ...rebound, "content-type": "application/json" });
    expect(answer.status).toBe(401);
  });

  it.each(open)("reads at %s what everybody may, and is not echoed", async (path) => {
    const answer = await ask("GET", path, rebound);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toContain("page.example");
  });

  it("is in no address that a call is given, for these are not made of the host header", async () => {
    const body = '{"assistant":{"name":"Echo","assistantProvider":"rehearsal"}}';
    const headers = {
      ...rebound,
      body,
      authorization: "Bearer a-key-for-tests-only",
      "content-type": "application/json",
    };
    const answer = await ask("POST", "/calls/v1/conversations/connect", headers);
    expect(answer.status).toBe(201);
    expect(answer.body).toContain(app.url);
    expect(answer.body).not.toContain("page.example");
  });
});
