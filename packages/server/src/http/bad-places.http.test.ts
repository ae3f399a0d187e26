import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./testing/api.ts";
import { type Bad, paths, testBadRequests } from "./testing/bad-requests.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

const { assistants, tools, conversations, call } = paths;
const nobody = "TC-11111111-1111-4111-8111-111111111111";
const deliveries = "/events/v1/deliveries";

type Query = [what: string, path: string, fault: string];

const queries: Query[] = [
  ["page 0", `${assistants}?page=0`, "/page"],
  ["a page that is no number", `${tools}?page=two`, "/page"],
  ["half a page", `${tools}?page=1.5`, "/page"],
  ["an empty page", `${tools}?page=`, "/page"],
  ["two pages", `${tools}?page=1&page=2`, "/page"],
  ["a size of thousands", `${assistants}?size=5000`, "/size"],
  ["an unknown parameter", `${conversations}?stauts=finished`, "/stauts"],
  ["another unknown parameter", `${assistants}?limit=5`, "/limit"],
  ["what is no call to go on behind", `${conversations}?before=yesterday`, "/before"],
  ["what is no event to go on behind", `${deliveries}?before=TC-1`, "/before"],
  ["a period of no time", "/events/v1/overview?minutes=0", "/minutes"],
  ["an unknown status", `${conversations}?status=gone`, "/status"],
  ["a date that is none", `${conversations}?startDate=yesterday`, "/startDate"],
  ["a day that is none", `${conversations}?endDate=2026-02-30`, "/endDate"],
  ["an end before the start", `${conversations}?startDate=2026-02-03&endDate=2026-02-02`, "/endDate"],
  ["a negative cursor", "/events/v1/events?after=-1", "/after"],
  ["a cursor beyond all numbers", "/events/v1/events?after=99999999999999999999", "/after"],
  ["a limit of thousands", `${call}/events?limit=501`, "/limit"],
  ["an unknown state", `${deliveries}?state=lost`, "/state"],
  ["a state of nothing", `${call}/deliveries?state=`, "/state"],
];

testBadRequests("queries", [
  ...queries.map(([what, path, fault]): Bad => ({ what, ask: ["GET", path], status: 422, paths: [fault] })),
  {
    what: "a cursor in a header that is none",
    ask: ["GET", "/events/v1/events", { headers: { "last-event-id": "x" } }],
    status: 422,
    paths: ["/last-event-id"],
  },
  {
    what: "a wait that is neither true nor false",
    ask: ["POST", `${call}/messages?wait=maybe`, { json: { text: "hello" } }],
    status: 422,
    paths: ["/wait"],
  },
]);

const place = (what: string, method: string, path: string): Bad => ({
  what,
  ask: [method, path],
  status: 404,
});

testBadRequests("places", [
  place("an unknown path", "GET", "/assistants/v1/robots"),
  place("a path with a slash too many", "GET", `${assistants}/`),
  place("an id with a broken escape", "GET", `${assistants}/%E0%A4%A`),
  place("an id with a zero byte", "GET", `${assistants}/a%00b`),
  place("an id that climbs", "GET", `${assistants}/..%2f..%2fetc%2fpasswd`),
  place("a very long id", "GET", `${assistants}/${"a".repeat(8_000)}`),
  place("an unknown assistant", "GET", `${assistants}/asst-1`),
  place("an unknown tool to remove", "DELETE", `${tools}/tool-1`),
  place("an unknown call", "GET", `${conversations}/${nobody}`),
  place("what is no call", "GET", `${conversations}/everything`),
  place("events of what is no call", "GET", `${conversations}/everything/events`),
  place("deliveries of an unknown call", "GET", `${conversations}/${nobody}/deliveries`),
  place("an unknown delivery", "GET", `${deliveries}/evt_x`),
  place("redelivery of an unknown event", "POST", `${deliveries}/evt_${nobody}_1/redeliver`),
  place("redelivery of an unknown call", "POST", `${deliveries}/${nobody}/redeliver`),
  {
    what: "a control of an unknown call",
    ask: ["POST", `${conversations}/${nobody}/control`, { json: { type: "end" } }],
    status: 404,
  },
  {
    what: "a control of what is no call",
    ask: ["POST", `${conversations}/x/control`, { json: { type: "end" } }],
    status: 404,
  },
  {
    what: "words to what is no call",
    ask: ["POST", `${conversations}/x/messages`, { json: { text: "hello" } }],
    status: 404,
  },
  {
    what: "PUT where there is PATCH",
    ask: ["PUT", `${assistants}/asst-1`, { json: smallAssistant }],
    status: 405,
  },
  { what: "DELETE of a list", ask: ["DELETE", conversations], status: 405 },
  { what: "POST to a call's id", ask: ["POST", `${conversations}/everything`, { json: {} }], status: 405 },
  { what: "OPTIONS", ask: ["OPTIONS", assistants], status: 405 },
  { what: "a live socket without a WebSocket", ask: ["GET", `${call}/live`], status: 426 },
]);

let server: TestServer;
let api: Api;
beforeAll(async () => {
  server = await openServer();
  api = apiOf(server);
});
afterAll(() => server.close());

test("405 names the methods that are allowed", async () => {
  expect((await api("PUT", `${assistants}/asst-1`)).headers.get("allow")).toBe("GET, HEAD, PATCH, DELETE");
  expect((await api("DELETE", assistants)).headers.get("allow")).toBe("POST, GET, HEAD");
});
