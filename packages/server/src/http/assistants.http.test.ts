import { defaultTeam, isSensitive, type JsonObject, mask } from "@offhook/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Api, apiOf, expectProblem, textAt } from "./testing/api.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

let server: TestServer;
let api: Api;
beforeAll(async () => {
  server = await openServer();
  api = apiOf(server);
});
afterAll(() => server.close());

const assistants = "/assistants/v1/assistants";

const full: JsonObject = {
  ...smallAssistant,
  assistantServer: {
    url: "https://example.org/hook",
    secret: "a secret of 22 letters",
    headers: { authorization: "Basic abc", "x-trace": "visible", "x-shop-key": "k-123456" },
    unknownToUs: { deep: [1, { two: null }] },
  },
  tools: [{ name: "findSlots", server: { url: "https://example.org/tool", secret: "another secret" } }],
  interactlySpecial: { voice: "nova", list: [1, 2.5, "three", null, true] },
  "key with spaces": "ä€😀",
};

async function add(body: JsonObject, path = assistants): Promise<{ id: string; body: JsonObject }> {
  const added = await api("POST", path, { json: body });
  expect(added.status).toBe(201);
  return { id: textAt(added.body, "_id"), body: added.body };
}

/** What is really stored, secrets included. */
async function stored(id: string): Promise<JsonObject> {
  return ((await server.assistants.assistants.find(defaultTeam, id)) ?? {}) as unknown as JsonObject;
}

describe.each([
  { one: "assistant", path: assistants, body: smallAssistant, patch: { name: "Night desk" } },
  {
    one: "tool",
    path: "/assistants/v1/tools",
    body: { name: "findSlots" },
    patch: { description: "finds slots" },
  },
  {
    one: "wrapped tool",
    path: "/assistants/v1/tools",
    body: { type: "function", function: { name: "findSlots", parameters: { type: "object" } } },
    patch: { function: { description: "finds slots" } },
  },
  {
    one: "number",
    path: "/assistants/v1/numbers",
    body: { number: "+4930123456" },
    patch: { assistantId: "asst-1" },
  },
])("$one", ({ path, body, patch }) => {
  test("is added, shown, listed, changed and removed", async () => {
    const { id, body: added } = await add(body, path);
    expect(added).toMatchObject(body);
    expect((await api("GET", `${path}/${id}`)).body).toEqual(added);
    expect((await api("GET", path)).body).toMatchObject({
      data: expect.arrayContaining([added]),
      page: 1,
      size: 20,
    });
    const changed = await api("PATCH", `${path}/${id}`, { json: patch });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...body, ...patch, _id: id, createdAt: added["createdAt"] });
    expect((await api("GET", `${path}/${id}`)).body).toEqual(changed.body);
    expect((await api("DELETE", `${path}/${id}`)).status).toBe(204);
    expectProblem(await api("GET", `${path}/${id}`), 404, "not-found");
    expectProblem(await api("DELETE", `${path}/${id}`), 404, "not-found");
  });

  test("a patch that would not fit changes nothing", async () => {
    const { id, body: added } = await add(body, path);
    const [name = ""] = Object.keys(body);
    expectProblem(await api("PATCH", `${path}/${id}`, { json: { [name]: 7 } }), 422, "invalid");
    expectProblem(await api("PATCH", `${path}/${id}`, { json: { [name]: null } }), 422, "invalid");
    expect((await api("GET", `${path}/${id}`)).body).toEqual(added);
  });
});

test("fields that we do not know are kept and returned, and survive a round trip", async () => {
  const { id, body } = await add(full);
  expect(body).toMatchObject({ interactlySpecial: full["interactlySpecial"], "key with spaces": "ä€😀" });
  expect(body["assistantServer"]).toMatchObject({ unknownToUs: { deep: [1, { two: null }] } });
  const again = await api("PATCH", `${assistants}/${id}`, { json: body });
  expect(again.status).toBe(200);
  expect({ ...again.body, updatedAt: null }).toEqual({ ...body, updatedAt: null });
  const copy = await add({ ...smallAssistant, _id: id, createdAt: "x", updatedAt: "y", teamId: "theirs" });
  expect(copy.id).not.toBe(id);
  expect(copy.body["createdAt"]).not.toBe("x");
});

test("secrets are masked in every answer, and never in the store", async () => {
  const { id, body } = await add(full);
  const page = await api("GET", assistants);
  const found = await api("GET", `${assistants}/${id}`);
  const patched = await api("PATCH", `${assistants}/${id}`, { json: { name: "Desk" } });
  for (const answer of [JSON.stringify(body), page.text, found.text, patched.text]) {
    for (const secret of ["a secret of 22 letters", "another secret", "Basic abc", "k-123456"])
      expect(answer).not.toContain(secret);
    expect(answer).toContain("visible");
  }
  expect(found.body["assistantServer"]).toMatchObject({
    secret: mask,
    headers: { authorization: mask, "x-shop-key": mask },
  });
  expect(await stored(id)).toMatchObject({
    assistantServer: { secret: "a secret of 22 letters", headers: { authorization: "Basic abc" } },
    tools: [{ server: { secret: "another secret" } }],
  });
});

test("a mask sent back keeps what it stands for; a new secret replaces it, null removes it", async () => {
  const { id, body } = await add(full);
  const whole = await api("PATCH", `${assistants}/${id}`, { json: { ...body, name: "Renamed" } });
  expect(whole.body["name"]).toBe("Renamed");
  expect(await stored(id)).toMatchObject({
    assistantServer: {
      secret: "a secret of 22 letters",
      headers: { authorization: "Basic abc", "x-shop-key": "k-123456" },
    },
    tools: [{ server: { secret: "another secret" } }],
  });
  await api("PATCH", `${assistants}/${id}`, { json: { assistantServer: { secret: "a newer secret" } } });
  expect(await stored(id)).toMatchObject({
    assistantServer: { secret: "a newer secret", url: "https://example.org/hook" },
  });
  await api("PATCH", `${assistants}/${id}`, { json: { assistantServer: { secret: null } } });
  expect((await stored(id))["assistantServer"]).not.toHaveProperty("secret");
  // The mask is no secret: one that stands for nothing is refused.
  expectProblem(
    await api("PATCH", `${assistants}/${id}`, { json: { assistantServer: { secret: mask } } }),
    422,
    "invalid",
  );
  expect(JSON.stringify(await stored(id))).not.toContain(mask);
});

test("a list counts its pages from 1, the newest first", async () => {
  const numbers = "/assistants/v1/numbers";
  const before = Number((await api("GET", numbers)).body["totalCount"]);
  const ids: string[] = [];
  for (let number = 0; number < 5; number += 1) ids.push((await add({ number: `+${number}` }, numbers)).id);
  const pages = await Promise.all([1, 2, 3].map((page) => api("GET", `${numbers}?page=${page}&size=2`)));
  expect(pages.map(({ body }) => body["totalCount"])).toEqual([before + 5, before + 5, before + 5]);
  const listed = pages.flatMap(({ body }) => (body["data"] as JsonObject[]).map((item) => item["_id"]));
  expect(new Set(listed).size).toBe(before + 5);
  expect((await api("GET", `${numbers}?page=1000000&size=200`)).body["data"]).toEqual([]);
});

test("every name that holds a secret is treated as one", () => {
  const names = ["authorization", "cookie", "x-app-secret", "x-app-key", "x-app-token", "apiKey", "password"];
  expect(names.filter((name) => !isSensitive(name))).toEqual([]);
});

test("a tool is tried out with the arguments given", async () => {
  const { id } = await add({ name: "findSlots" }, "/assistants/v1/tools");
  const tried: unknown[] = [];
  const trying = await openServer({
    store: server.store,
    testTool: async (given) => {
      tried.push(given);
      return given.toolId === id ? { outcome: { kind: "result" } } : undefined;
    },
  });
  const ask = apiOf({ ...trying, key: server.key });
  const answered = await ask("POST", `/assistants/v1/tools/${id}/test`, {
    json: { arguments: { day: "Tuesday" } },
  });
  expect(answered).toMatchObject({ status: 200, body: { outcome: { kind: "result" } } });
  expect(tried).toEqual([{ teamId: defaultTeam, toolId: id, arguments: { day: "Tuesday" } }]);
});

describe("a sample for a stored assistant", () => {
  const kept = {
    url: "https://example.org/hook",
    secret: "a kept secret of ours",
    headers: { authorization: "Basic abc", "x-trace": "visible" },
    auth: "both",
    format: "2026-03",
    timeoutSeconds: 7,
  };
  let id = "";
  let sent: unknown[] = [];
  let sending: TestServer;
  const send = (json: JsonObject) => apiOf(sending)("POST", "/events/v1/test", { json });
  beforeAll(async () => {
    sending = await openServer({
      sendSample: async (given) => {
        sent.push(given);
        return { answer: { status: 200 } };
      },
    });
    const added = await apiOf(sending)("POST", assistants, {
      json: { ...smallAssistant, assistantServer: kept },
    });
    id = textAt(added.body, "_id");
  });
  beforeEach(() => {
    sent = [];
  });
  afterAll(() => sending.close());

  test("goes to its Server URL with all that is kept, and the answer shows no secret", async () => {
    expect(await send({ assistantId: id, type: "hang" })).toMatchObject({ status: 200 });
    const { format, ...own } = kept;
    expect(sent).toMatchObject([{ type: "hang", format, server: own }]);
  });

  test("is changed for once as by a PATCH, masks standing for what is kept; nothing is stored", async () => {
    const headers = { authorization: mask, "x-trace": null, "x-new": "1" };
    const assistantServer = { secret: mask, headers, auth: "signature" };
    await send({ assistantId: id, assistantServer });
    await send({ assistantId: id, assistantServer: { secret: "another secret for once" } });
    const once = { authorization: "Basic abc", "x-new": "1" };
    expect(sent).toMatchObject([
      { server: { url: kept.url, secret: kept.secret, auth: "signature" } },
      { server: { url: kept.url, secret: "another secret for once", headers: kept.headers } },
    ]);
    expect(sent[0]).toHaveProperty("server.headers", once);
    expect(await sending.assistants.assistants.find(defaultTeam, id)).toMatchObject({
      assistantServer: kept,
    });
  });

  test("is signed with the secret before too while one is changed over, but not when one is given for once", async () => {
    const rotated = await apiOf(sending)("POST", `${assistants}/${id}/server/rotate-secret`, {
      json: { secret: "the secret that is next" },
    });
    expect(rotated.status).toBe(200);
    await send({ assistantId: id });
    await send({ assistantId: id, assistantServer: { secret: "another secret for once" } });
    expect(sent[0]).toMatchObject({
      server: { secret: "the secret that is next", previousSecret: { secret: kept.secret } },
    });
    expect(sent[1]).toHaveProperty("server.previousSecret", undefined);
  });

  test.each<[string, JsonObject, string]>([
    ["a free URL beside it", { url: "https://elsewhere.example/" }, "/url"],
    ["the kept URL beside it", { url: kept.url }, "/url"],
    [
      "another URL as a change",
      { assistantServer: { url: "https://elsewhere.example/" } },
      "/assistantServer/url",
    ],
    ["no URL as a change", { assistantServer: { url: null, enabled: false } }, "/assistantServer/url"],
    ["a secret beside it", { secret: "a secret of mine" }, "/secret"],
    ["a change that does not fit", { assistantServer: { auth: "none" } }, "/assistantServer/auth"],
    [
      "a mask of nothing",
      { assistantServer: { headers: { cookie: mask } } },
      "/assistantServer/headers/cookie",
    ],
  ])("never goes anywhere else, nor is anything sent: %s", async (_what, json, path) => {
    const answered = await send({ assistantId: id, ...json });
    expectProblem(answered, 422, "invalid");
    expect(answered.body["errors"]).toMatchObject([{ path }]);
    expect(sent).toEqual([]);
  });

  test("a free URL gets nothing that is kept, also when it is the address of an assistant", async () => {
    await send({ url: kept.url });
    expect(sent).toEqual([
      {
        type: "status-update",
        format: "2025-04",
        server: { url: kept.url, headers: {}, auth: "signature", timeoutSeconds: 20 },
      },
    ]);
    const free = { url: kept.url, assistantServer: {} };
    expect((await send(free)).body["errors"]).toMatchObject([{ path: "/assistantServer" }]);
    expect((await send({})).body["errors"]).toMatchObject([{ path: "/url" }]);
  });

  test("an assistant that is not there, or has no Server URL, is told", async () => {
    expectProblem(await send({ assistantId: "asst-unknown" }), 404, "not-found");
    const bare = await apiOf(sending)("POST", assistants, { json: smallAssistant });
    const answered = await send({ assistantId: textAt(bare.body, "_id") });
    expect(answered.body["errors"]).toMatchObject([{ path: "/assistantId" }]);
  });
});

test("a sample is sent as it was asked for; what the server refuses is told", async () => {
  const sent: unknown[] = [];
  const sending = await openServer({
    sendSample: async (given) => {
      sent.push(given);
      if (given.server.url.includes("inside"))
        return { refused: "forbidden-address", detail: "The server may not connect there." };
      return { answer: { status: 200 } };
    },
  });
  const ask = apiOf(sending);
  const json = { url: "https://example.org/hook", type: "hang", secret: "a secret of mine" };
  expect(await ask("POST", "/events/v1/test", { json })).toMatchObject({
    status: 200,
    body: { answer: { status: 200 } },
  });
  expect(sent).toMatchObject([
    {
      type: "hang",
      format: "2025-04",
      server: { url: json.url, secret: json.secret, auth: "signature", timeoutSeconds: 20 },
    },
  ]);
  expectProblem(
    await ask("POST", "/events/v1/test", { json: { url: "https://inside.example" } }),
    422,
    "forbidden-address",
  );
  await sending.close();
});
