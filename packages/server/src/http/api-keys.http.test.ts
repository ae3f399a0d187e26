import { newKeyView, type NewKeyView } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { virtualClock } from "../testing/virtual-clock.ts";
import { hashKey, keyIdOf } from "./keys.ts";
import { type Api, apiOf, expectProblem } from "./testing/api.ts";
import { openServer, type TestServer } from "./testing/open-server.ts";

const path = "/keys/v1/keys";
/** For so long a key that was just used may still let somebody in. */
const rememberedMs = 5_000;
const clock = virtualClock();
let server: TestServer;
let api: Api;
beforeEach(async () => {
  server = await openServer({ clock });
  api = apiOf(server);
});
afterEach(() => server.close());

async function make(name: string, key = server.key): Promise<NewKeyView> {
  const { status, body } = await api("POST", path, { json: { name }, key });
  expect(status).toBe(201);
  return newKeyView.parse(body);
}

describe("an API key", () => {
  test("that is made lets its team in, is shown once, and is kept as a hash only", async () => {
    const made = await make("laptop ü ☎");
    expect(made.key).toMatch(/^ohk_[\w-]{32}$/u);
    const listed = await api("GET", path, { key: made.key });
    const { key: _, ...shown } = made;
    expect(listed.body["data"]).toEqual([shown, expect.objectContaining({ name: "test" })]);
    expect(listed.text).not.toContain(made.key);
    expect(listed.text).not.toContain(hashKey(made.key));
    expect(await server.store.findKey({ hash: hashKey(made.key) })).toMatchObject({ teamId: "default" });
  });

  test("is revoked: nobody comes in with it five seconds later, and its session is over", async () => {
    const made = await make("laptop");
    const fromPage = { origin: server.url, "sec-fetch-site": "same-origin" };
    const signed = await api("POST", "/session", {
      key: null,
      json: { apiKey: made.key },
      headers: fromPage,
    });
    const cookie = signed.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
    const atPage = () => api("GET", path, { key: null, headers: { ...fromPage, cookie } });
    expect((await atPage()).status).toBe(200);
    expect((await api("DELETE", `${path}/${made.id}`)).status).toBe(204);
    await clock.advance(rememberedMs + 1);
    expectProblem(await api("GET", path, { key: made.key }), 401, "unauthorized");
    expectProblem(await atPage(), 401, "unauthorized");
    expectProblem(await api("DELETE", `${path}/${made.id}`), 404, "not-found");
  });

  test("may revoke itself, but not when it is the last one of its team", async () => {
    const own = `${path}/${keyIdOf(hashKey(server.key))}`;
    expectProblem(await api("DELETE", own), 409, "irrevocable-key");
    const made = await make("another");
    expect((await api("DELETE", own)).status).toBe(204);
    expectProblem(await api("DELETE", `${path}/${made.id}`, { key: made.key }), 409, "irrevocable-key");
  });

  test("of another team is neither seen nor revoked", async () => {
    await make("laptop");
    const theirs = await make("theirs", server.otherKey);
    expect((await api("GET", path)).text).not.toContain("theirs");
    expectProblem(await api("DELETE", `${path}/${theirs.id}`), 404, "not-found");
    expect((await api("GET", path, { key: theirs.key })).body["totalCount"]).toBe(2);
  });

  test.each(["key-", "key-0", "key-%25", "key-0123456789abcdeg", "0123456789abcdef"])(
    "is not revoked by %s, which is no id",
    async (id) => {
      await make("one");
      expectProblem(await api("DELETE", `${path}/${id}`), 404, "not-found");
      expect((await api("GET", path)).body["totalCount"]).toBe(2);
    },
  );

  test.each([[{}], [{ name: " " }], [{ name: "a".repeat(65) }], [{ name: "a", key: "ohk_mine" }]])(
    "is not made of %j",
    async (json) => expectProblem(await api("POST", path, { json }), 422, "invalid"),
  );
});
