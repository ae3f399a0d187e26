import { makeCallId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openServer } from "../http/testing/open-server.ts";
import { StoreError } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { liveLimits } from "./limits.ts";
import { openClient } from "./testing/live-client.ts";
import { type LiveHouse, openLiveHouse, refused } from "./testing/live-house.ts";

let house: LiveHouse;
beforeEach(async () => {
  house = await openLiveHouse();
});
afterEach(() => house.close());

describe("who may watch a call", () => {
  const bare = (): string => house.liveUrl.replace(/\?.*/u, "");
  test("who has its house.liveUrl, or a key of its team", async () => {
    await (await house.open()).until(1);
    await (await house.open(bare(), { authorization: `Bearer ${house.server.key}` })).until(1);
    expect(house.server.live.sessions).toBe(2);
  });

  test.each([
    ["nothing", () => [bare()], 401, "unauthorized"],
    ["an unknown key", () => [bare(), { authorization: "Bearer ohk_x" }], 401, "unauthorized"],
    [
      "an unknown key and the token",
      () => [house.liveUrl, { authorization: "Bearer ohk_x" }],
      401,
      "unauthorized",
    ],
    [
      "another team's key",
      () => [bare(), { authorization: `Bearer ${house.server.otherKey}` }],
      404,
      "not-found",
    ],
    ["an empty token", () => [`${bare()}?token=`], 401, "unauthorized"],
    ["a token that is none", () => [`${bare()}?token=${"x".repeat(43)}`], 401, "unauthorized"],
    [
      "another call's token",
      () => [
        `${bare()}?token=${house.server.tokens.make(makeCallId("chat", "11111111-1111-4111-8111-111111111111"))}`,
      ],
      401,
      "unauthorized",
    ],
    ["a token cut short", () => [house.liveUrl.slice(0, -1)], 401, "unauthorized"],
    [
      "a key, at a call that is none",
      () => [bare().replace(house.callId, "x"), { authorization: `Bearer ${house.server.key}` }],
      404,
      "not-found",
    ],
    [
      "a key, at a path that is none",
      () => [`${bare()}/x`, { authorization: `Bearer ${house.server.key}` }],
      404,
      "not-found",
    ],
    [
      "the token of a call that never was",
      () => {
        const nobody = makeCallId("chat", "22222222-2222-4222-8222-222222222222");
        return [`${bare().replace(house.callId, nobody)}?token=${house.server.tokens.make(nobody)}`];
      },
      404,
      "not-found",
    ],
  ] as [string, () => [string, Record<string, string>?], number, string][])(
    "not who has %s",
    async (_what, given, status, code) => {
      const answer = await refused(...given());
      expect(answer).toMatchObject({
        status,
        body: { status, code, detail: expect.stringMatching(/^[A-Z].{15,}/u) },
      });
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(house.server.live.sessions).toBe(0);
    },
  );

  test("a page of any origin, if it has the token", async () => {
    const client = await house.open(house.liveUrl, { origin: "https://elsewhere.example" });
    expect(await client.until(1)).toHaveLength(1);
  });

  test("so many of one call", async () => {
    for (let client = 0; client < liveLimits.sessionsPerCallMax; client += 1) await house.open();
    expect(await refused(house.liveUrl)).toMatchObject({ status: 503, body: { code: "over-capacity" } });
    house.clients[0]?.socket.close();
    await vi.waitFor(async () =>
      expect(
        await openClient(house.liveUrl).then((client) =>
          "socket" in client ? house.clients.push(client) : 0,
        ),
      ).toBeGreaterThan(0),
    );
  });

  test("nobody while the store is silent, for longer than the ceiling", async () => {
    const store = openLocalStore();
    const silent = await openServer({
      clock: house.clock,
      store: { ...store, entriesOfCall: () => new Promise(() => undefined) },
    });
    const asking = openClient(
      `${silent.url.replace("http", "ws")}/calls/v1/conversations/${house.callId}/live?token=${silent.tokens.make(house.callId)}`,
    );
    await vi.waitFor(() => expect(house.clock.waiting).toBeGreaterThan(0));
    await house.clock.advance(liveLimits.admitMaxMs);
    expect(await asking).toMatchObject({ status: 503, body: { code: "store-unavailable" } });
    await silent.close();
  });

  test("nobody when the store fails; the server says no more than that", async () => {
    const broken = {
      ...openLocalStore(),
      entriesOfCall: () => Promise.reject(new StoreError("corrupt", "/data is broken")),
    };
    const failing = await openServer({ clock: house.clock, store: broken });
    const answer = await refused(
      `${failing.url.replace("http", "ws")}/calls/v1/conversations/${house.callId}/live?token=${failing.tokens.make(house.callId)}`,
    );
    expect(answer).toMatchObject({ status: 503 });
    expect(JSON.stringify(answer.body)).not.toContain("/data");
    await failing.close();
  });
});
