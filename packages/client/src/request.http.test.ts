import { jsonObject } from "@offhook/protocol";
import { afterEach, expect, it } from "vitest";
import { defaultLimits } from "./limits.ts";
import { type Connection, request } from "./request.ts";
import { answerJson, type FakeServer, openFakeServer } from "./testing/fake-server.ts";

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const connectionTo = (url: string, requestMaxMs = 5_000): Connection => ({
  url,
  apiKey: "k",
  fetch,
  WebSocket: undefined,
  limits: { ...defaultLimits, requestMaxMs },
});

it("is answered", async () => {
  server = await openFakeServer(({ method, path, body }, response) =>
    answerJson(response, 200, { method, path, body }),
  );
  const answer = await request(
    connectionTo(server.url),
    { method: "POST", path: "/a", body: { b: 1 } },
    jsonObject,
  );
  expect(answer).toEqual({ ok: true, value: { method: "POST", path: "/a", body: '{"b":1}' } });
});

it.each<[string, { countsOnce?: boolean }, number]>([
  ["again where it counts once", { countsOnce: true }, 2],
  ["once where it may have been done", {}, 1],
])("that had no certain answer is asked %s", async (_name, more, times) => {
  let asked = 0;
  server = await openFakeServer((_request, response) => {
    asked += 1;
    answerJson(response, asked === 1 ? 504 : 200, {});
  });
  const connection = connectionTo(server.url);
  const limits = { ...connection.limits, retryFirstMs: 1 };
  const answer = await request({ ...connection, limits }, { method: "POST", path: "/", ...more }, jsonObject);
  expect([answer.ok, asked]).toEqual([times === 2, times]);
});

it("is unreachable where nobody listens", async () => {
  const gone = await openFakeServer(() => undefined);
  await gone.close();
  const answer = await request(connectionTo(gone.url), { path: "/" }, jsonObject);
  expect(answer).toMatchObject({ ok: false, problem: { code: "unreachable", status: 0 } });
  expect(JSON.stringify(answer)).toContain("ECONNREFUSED");
});

it("is unreachable when the connection breaks in the middle of the answer", async () => {
  server = await openFakeServer((_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    response.socket?.end();
  });
  const answer = await request(connectionTo(server.url), { path: "/" }, jsonObject);
  expect(answer).toMatchObject({ ok: false, problem: { code: "unreachable" } });
});

it.each([
  ["never begins to answer", false],
  ["never ends its answer", true],
])("times out when the server %s", async (_name, begins) => {
  server = await openFakeServer((_request, response) => void (begins && response.writeHead(200).write("{")));
  const answer = await request(connectionTo(server.url, 100), { path: "/" }, jsonObject);
  expect(answer).toMatchObject({ ok: false, problem: { code: "timed-out" } });
});

it("is aborted by the caller", async () => {
  const stop = new AbortController();
  server = await openFakeServer(() => stop.abort());
  const answer = await request(connectionTo(server.url), { path: "/", signal: stop.signal }, jsonObject);
  expect(answer).toMatchObject({ ok: false, problem: { code: "aborted" } });
});

it("does not hand its key on to where it is redirected", async () => {
  const elsewhere = await openFakeServer((_request, response) => answerJson(response, 200, {}));
  server = await openFakeServer(
    (_request, response) => void response.writeHead(307, { location: elsewhere.url }).end(),
  );
  const answer = await request(connectionTo(server.url), { path: "/" }, jsonObject);
  expect(answer).toMatchObject({ ok: false, problem: { code: "unreachable" } });
  expect(elsewhere.seen).toEqual([]);
  await elsewhere.close();
});
