import { createConnection } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf, type Asked, expectProblem, textAt } from "./testing/api.ts";
import { type Bad, paths, testBadRequests } from "./testing/bad-requests.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

const { assistants } = paths;
const json = { "content-type": "application/json" };
const mebibyte = 1024 * 1024;
const text = (body: BodyInit): Asked => ({ body, headers: json });
const typed = (type: string): Asked => ({ body: "{}", headers: { "content-type": type } });
const deep = (depth: number): string => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
const deepObjects = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const add = (what: string, asked: Asked, status: number): Bad => ({
  what,
  ask: ["POST", assistants, asked],
  status,
});

testBadRequests("bytes", [
  add("no body", { headers: json }, 400),
  add("an empty body", text(""), 400),
  add("half a body", text('{"name": "a"'), 400),
  add("two bodies", text('{"name": "a"}{}'), 400),
  add("no JSON at all", text("name=a"), 400),
  add("bytes that are no UTF-8", text(new Uint8Array([0x22, 0xff, 0xfe, 0x22])), 400),
  add("no content type", { body: new Uint8Array([0x7b, 0x7d]) }, 415),
  add("a form", { body: new URLSearchParams({ name: "a" }) }, 415),
  add("plain text", typed("text/plain"), 415),
  add("JSON of a kind", typed("application/vnd.api+json"), 415),
  add("another charset", typed("application/json; charset=utf-16"), 415),
  add("a compressed body", { body: "{}", headers: { ...json, "content-encoding": "gzip" } }, 415),
  add("a body above 1 MiB", text(`{"name": "${"x".repeat(mebibyte)}"}`), 413),
  add("a body far above 1 MiB", text("x".repeat(12 * mebibyte)), 413),
  add("nesting above the limit", text(`{"name": "a", "x": ${deep(64)}}`), 422),
  add("nesting of half a million", text(deep(500_000)), 422),
  {
    what: "nested objects in a patch",
    ask: ["PATCH", `${assistants}/a`, text(deepObjects(20_000))],
    status: 422,
  },
  {
    what: "a number without end",
    ask: ["POST", assistants, text('{"name": "a", "x": [1e999]}')],
    status: 422,
    paths: ["/x/0"],
  },
  {
    what: "a field that is a prototype",
    ask: ["POST", assistants, text('{"name": "a", "__proto__": {}}')],
    status: 422,
    paths: ["/__proto__"],
  },
  {
    what: "a hidden prototype",
    ask: ["POST", assistants, text('{"x": {"\\u005f_proto__": 1}}')],
    status: 422,
    paths: ["/x/__proto__"],
  },
]);

let server: TestServer;
let api: Api;
beforeAll(async () => {
  server = await openServer();
  api = apiOf(server);
});
afterAll(() => server.close());

test.each([1, 9])("a body of unknown length is refused above 1 MiB, too: %i MiB more", async (more) => {
  expectProblem(await api("POST", assistants, text(spaces(mebibyte + more * mebibyte))), 413, "too-large");
  expect((await api("GET", assistants)).status).toBe(200);
});

test("a body of unknown length below the limit is taken", async () => {
  const body = new Blob([JSON.stringify({ ...smallAssistant, padding: "x".repeat(500_000) })]).stream();
  expect((await api("POST", assistants, text(body))).status).toBe(201);
});

test("a body just below the limits is taken", async () => {
  const large = { ...smallAssistant, padding: "x".repeat(mebibyte - 400), nested: JSON.parse(deep(62)) };
  const { status, body } = await api("POST", assistants, { json: large });
  expect(status).toBe(201);
  expect(textAt(body, "padding")).toHaveLength(mebibyte - 400);
});

test("a body with tens of thousands of faults is told of a hundred", async () => {
  const answered = await api("POST", assistants, {
    json: { name: "a", hints: Array.from({ length: 50_000 }, () => 7) },
  });
  expectProblem(answered, 422, "invalid");
  expect(answered.body["errors"]).toHaveLength(100);
});

test.each([
  ["no HTTP", "hello\r\n\r\n", 400],
  ["a path that is no path", "GET nowhere HTTP/1.1\r\nhost: a\r\n\r\n", 400],
  ["a host that is no host", "GET / HTTP/1.1\r\nhost: a b@c\r\nconnection: close\r\n\r\n", 400],
  ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400],
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    400,
  ],
  ["headers without end", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
])("bytes on the wire: %s", async (_what, bytes, status) => {
  const answer = await rawAnswer(bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `, "u"));
  expect(answer).toMatch(/content-type: application\/problem\+json/iu);
  expect(answer).toMatch(/"detail":"[A-Z].{10,}"/u);
});

function spaces(size: number): ReadableStream<Uint8Array> {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      const piece = new Uint8Array(Math.min(left, 65_536)).fill(0x20);
      left -= piece.length;
      controller.enqueue(piece);
    },
  });
}

function rawAnswer(sent: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(server.port, "127.0.0.1", () => socket.write(sent));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (data: string) => (answer += data));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
