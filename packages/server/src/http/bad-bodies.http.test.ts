import { mask } from "@offhook/protocol";
import { type Bad, paths, testBadRequests } from "./testing/bad-requests.ts";
import { smallAssistant } from "./testing/open-server.ts";

const { assistants, tools, numbers, conversations, connect, call } = paths;
const url = "https://example.org";
const withServer = (assistantServer: unknown) => ({ ...smallAssistant, assistantServer });
const answeredBy = (more: object) => ({ assistant: smallAssistant, ...more });
const sample = "/events/v1/test";

type Row = [what: string, path: string, json: unknown, ...paths: string[]];

/** Bodies that do not fit, and the paths of their faults. */
const misfits: Row[] = [
  ["an assistant without a name", assistants, {}, "/name"],
  ["a name that is a number", assistants, { name: 7 }, "/name"],
  ["a list for an object", assistants, [], ""],
  ["null for an object", assistants, null, ""],
  ["a text for an object", assistants, "assistant", ""],
  ["an unknown provider", assistants, { name: "a", assistantProvider: "x" }, "/assistantProvider"],
  [
    "custom-llm without its URL",
    assistants,
    { name: "a", assistantProvider: "custom-llm" },
    "/assistantLLMUrl",
  ],
  ["two faults at once", assistants, { name: "", assistantTemperature: 3 }, "/name", "/assistantTemperature"],
  ["a fault in a list", assistants, { name: "a", endCallPhrases: ["ok", ""] }, "/endCallPhrases/1"],
  ["a Server URL that is none", assistants, withServer({ url: "nowhere" }), "/assistantServer/url"],
  ["a Server URL of another scheme", assistants, withServer({ url: "ftp://a.org" }), "/assistantServer/url"],
  [
    "a Server URL with a password",
    assistants,
    withServer({ url: "https://u:p@a.org" }),
    "/assistantServer/url",
  ],
  [
    "a Server URL on this machine",
    assistants,
    withServer({ url: "http://127.0.0.1" }),
    "/assistantServer/url",
  ],
  ["an enabled server without a URL", assistants, withServer({ enabled: true }), "/assistantServer/url"],
  ["a subscription to nothing", assistants, withServer({ url, messages: [] }), "/assistantServer/messages"],
  [
    "an unknown message type",
    assistants,
    withServer({ url, messages: ["x"] }),
    "/assistantServer/messages/0",
  ],
  [
    "a header with a line break",
    assistants,
    withServer({ url, headers: { a: "b\r\nc: d" } }),
    "/assistantServer/headers/a",
  ],
  [
    "a header with a bad name",
    assistants,
    withServer({ url, headers: { "a b": "c" } }),
    "/assistantServer/headers/a b",
  ],
  [
    "a timeout of an hour",
    assistants,
    withServer({ url, timeoutSeconds: 3_600 }),
    "/assistantServer/timeoutSeconds",
  ],
  ["the mask as a new secret", assistants, withServer({ url, secret: mask }), "/assistantServer/secret"],
  ["the mask in an unknown field", assistants, { name: "a", voice: { apiKey: mask } }, "/voice/apiKey"],
  ["a tool without a name", tools, { parameters: {} }, "/name"],
  ["a tool with a name that models do not take", tools, { name: "find slots" }, "/name"],
  ["a tool's server that is none", tools, { name: "a", server: { url: "nowhere" } }, "/server/url"],
  ["a number without a number", numbers, {}, "/number"],
  ["an inline assistant that does not fit", connect, { assistant: { name: "" } }, "/assistant/name"],
  [
    "an inline assistant with masks",
    connect,
    { assistant: { ...smallAssistant, api_key: mask } },
    "/assistant/api_key",
  ],
  ["a call of an unknown kind", connect, answeredBy({ callType: "fax" }), "/callType"],
  ["an unknown direction", connect, answeredBy({ direction: "up" }), "/direction"],
  ["metadata that are no object", connect, answeredBy({ metadata: [] }), "/metadata"],
  ["a customer without a number", connect, answeredBy({ customer: {} }), "/customer/number"],
  [
    "overrides that do not fit",
    connect,
    answeredBy({ assistantOverrides: { idleTimeout: -1 } }),
    "/assistantOverrides/idleTimeout",
  ],
  [
    "variables that are no object",
    connect,
    answeredBy({ assistantOverrides: { dynamicVariables: 1 } }),
    "/assistantOverrides/dynamicVariables",
  ],
  ["a number that nobody has", conversations, answeredBy({ assistantNumber: "+1" }), "/assistantNumber"],
  ["a control of no kind", `${call}/control`, {}, "/type"],
  ["a control of an unknown kind", `${call}/control`, { type: "dance" }, "/type"],
  ["a say without words", `${call}/control`, { type: "say" }, "/message"],
  ["dtmf that is none", `${call}/control`, { type: "dtmf", digits: "abc" }, "/digits"],
  ["a forward to nowhere", `${call}/control`, { type: "forward" }, "/phoneNumber"],
  ["a message of a stranger", `${call}/control`, { type: "add-message", role: "boss", text: "x" }, "/role"],
  ["a result without a result", `${call}/control`, { type: "tool-result", toolCallId: "a" }, "/result"],
  ["a message of nothing but space", `${call}/messages`, { text: " \n" }, "/text"],
  ["a message that is too long", `${call}/messages`, { text: "x".repeat(4_001) }, "/text"],
  ["a sample to nowhere", sample, { type: "hang" }, "/url"],
  ["a sample of an unknown type", sample, { url, type: "news" }, "/type"],
  ["arguments that are no object", `${tools}/tool-1/test`, { arguments: "x" }, "/arguments"],
];

const others: Bad[] = [
  { what: "a call that nobody answers", ask: ["POST", connect, { json: {} }], status: 422 },
  {
    what: "an assistant that does not exist",
    ask: ["POST", connect, { json: { assistantId: "asst-x" } }],
    status: 404,
  },
  { what: "a test of an unknown tool", ask: ["POST", `${tools}/tool-1/test`, { json: {} }], status: 404 },
  {
    what: "a patch of what does not exist",
    ask: ["PATCH", `${assistants}/x`, { json: { name: "b" } }],
    status: 404,
  },
  {
    what: "a patch that is no object",
    ask: ["PATCH", `${assistants}/x`, { json: [1] }],
    status: 422,
    paths: [""],
  },
];

testBadRequests("bodies", [
  ...misfits.map(([what, path, json, ...faults]): Bad => ({
    what,
    ask: ["POST", path, { json }],
    status: 422,
    paths: faults,
  })),
  ...others,
]);
