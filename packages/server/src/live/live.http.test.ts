import { defaultTeam, type LiveUpdate } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { finished } from "../http/testing/fake-calls.ts";
import { liveLimits } from "./limits.ts";
import { type LiveHouse, openLiveHouse, piece, refused, shown, words } from "./testing/live-house.ts";

let house: LiveHouse;
beforeEach(async () => {
  house = await openLiveHouse();
});
afterEach(() => house.close());

const tell = (update: LiveUpdate): void =>
  house.server.bus.publish({ kind: "live", teamId: defaultTeam, callId: house.callId, update });

describe("what is shown", () => {
  test("the status, all messages so far, then what happens", async () => {
    await house.server.calls.write(house.callId, words("one"), words("two"));
    const client = await house.open();
    expect(await client.until(3)).toEqual([
      { type: "status", status: "ongoing", endedReason: null },
      shown("one"),
      shown("two"),
    ]);
    tell(piece("three", "thr"));
    tell(piece("three", "ee"));
    await house.server.calls.write(house.callId, words("three"));
    await house.server.calls.write(house.callId, {
      type: "error",
      error: {
        type: "llm_error",
        code: "timeout",
        message: "too late",
        provider: "x",
        retryable: true,
        details: {},
      },
    });
    expect((await client.until(7)).slice(3)).toEqual([
      piece("three", "thr"),
      piece("three", "ee"),
      shown("three"),
      { type: "error", code: "timeout", message: "too late" },
    ]);
  });

  test("what each side does now, after the history", async () => {
    const waitsFor = { kind: "idle", at: 1_000 };
    const state = { type: "state", assistant: "listening", user: "away", waitsFor } as const;
    house.server.calls.look = async () => state;
    const client = await house.open();
    expect((await client.until(2)).at(-1)).toEqual(state);
    tell({ ...state, user: "listening" });
    expect((await client.until(3)).at(-1)).toEqual({ ...state, user: "listening" });
  });

  test("the end, after which the socket is closed", async () => {
    const client = await house.open();
    await client.until(1);
    await house.server.calls.write(house.callId, words("goodbye"), finished);
    expect(await client.closed).toEqual({ code: 1_000, reason: "the call is finished" });
    expect(client.updates.slice(1)).toEqual([
      shown("goodbye"),
      { type: "status", status: "finished", endedReason: "user-hung-up" },
    ]);
    await vi.waitFor(() => expect(house.server.live.sessions).toBe(0));
    await vi.waitFor(() => expect(house.clock.waiting).toBe(0));
  });

  test("a call that is over: whole, then the socket is closed", async () => {
    await house.server.calls.write(house.callId, words("one"), finished, words("after"));
    const client = await house.open();
    expect(await client.closed).toMatchObject({ code: 1_000 });
    expect(client.updates).toEqual([
      { type: "status", status: "finished", endedReason: "user-hung-up" },
      shown("one"),
      shown("after"),
    ]);
  });

  test("nothing twice and nothing left out while it is opened", async () => {
    const total = 300;
    const writing = (async () => {
      for (let number = 0; number < total; number += 1) {
        tell(piece(`w${number}`, "w"));
        await house.server.calls.write(house.callId, words(`w${number}`));
        if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const watching = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 2));
        return house.open();
      }),
    );
    await writing;
    await house.server.calls.write(house.callId, finished);
    for (const client of watching) {
      await client.closed;
      const texts = client.updates.flatMap((update) =>
        update.type === "message" ? [update.message.text] : [],
      );
      expect(texts).toEqual(Array.from({ length: total }, (_, number) => `w${number}`));
      const whole = new Set<string>();
      for (const update of client.updates) {
        if (update.type === "message") whole.add(update.message.messageId);
        if (update.type === "delta") expect(whole.has(update.messageId)).toBe(false);
      }
    }
  });

  test("what the bus kept to itself, at the next look", async () => {
    const client = await house.open();
    await client.until(1);
    const call = await house.server.store.findCall({ teamId: "default" as never, callId: house.callId });
    const entry = { seq: 4, at: house.clock.now(), sequence: null, what: words("unheard") };
    await house.server.store.append({
      teamId: "default" as never,
      epoch: 1,
      callId: house.callId,
      entries: [entry],
      call: call as never,
      phase: "live",
    });
    await house.clock.advance(liveLimits.pingEveryMs);
    expect(await client.until(2)).toContainEqual(shown("unheard"));
  });

  test("pieces that follow each other quickly go together, the first at once and none after the whole", async () => {
    const client = await house.open();
    await client.until(1);
    for (const text of ["a", "b", "c"]) tell(piece("one", text));
    await client.until(2);
    await house.clock.advance(liveLimits.gatherMs - 1);
    tell(piece("one", "d"));
    await house.clock.advance(1);
    await client.until(3);
    tell(piece("one", "e"));
    await house.clock.advance(liveLimits.gatherMs);
    await client.until(4);
    tell(piece("one", "f"));
    tell(piece("two", "A"));
    tell(piece("two", "B"));
    await house.server.calls.write(house.callId, words("Abc", "two"));
    expect((await client.until(7)).slice(1)).toEqual([
      piece("one", "a"),
      piece("one", "bcd"),
      piece("one", "e"),
      piece("one", "f"),
      piece("two", "AB"),
      shown("Abc"),
    ]);
  });

  test("a piece after a silence goes at once", async () => {
    const client = await house.open();
    await client.until(1);
    tell(piece("one", "a"));
    await client.until(2);
    await house.clock.advance(liveLimits.gatherMs);
    tell(piece("one", "b"));
    expect(await client.until(3)).toContainEqual(piece("one", "b"));
  });
});

describe("what a client may do", () => {
  test("say something and hang up", async () => {
    const client = await house.open();
    client.send({ type: "say", text: " Hello " });
    expect(await client.until(2)).toContainEqual(shown("Hello"));
    client.send({ type: "end" });
    expect(await client.closed).toMatchObject({ code: 1_000 });
    expect(house.server.calls.asked.slice(-2)).toEqual([
      { what: "hear", given: { teamId: "default", callId: house.callId, text: "Hello" } },
      { what: "leave", given: { teamId: "default", callId: house.callId } },
    ]);
  });

  test.each([
    ["no JSON", "hello"],
    ["nothing", ""],
    ["no command", { type: "dance" }],
    ["a list", "[]"],
    ["deep nesting", `${"[".repeat(8_000)}${"]".repeat(8_000)}`],
    ["no words", { type: "say", text: "  " }],
    ["too many words", { type: "say", text: "x".repeat(4_001) }],
    ["bytes", new Uint8Array([1, 2, 3])],
  ])("is told what is wrong with %s, and stays", async (_what, command) => {
    const client = await house.open();
    await client.until(1);
    if (command instanceof Uint8Array) client.socket.send(command);
    else client.send(command);
    expect(await client.until(2)).toContainEqual({
      type: "error",
      code: "invalid",
      message: expect.stringMatching(/^[A-Z].{15,}/u),
    });
    client.send({ type: "say", text: "still here" });
    expect(await client.until(3)).toContainEqual(shown("still here"));
  });

  test("is told why the call refuses, and that the server failed", async () => {
    const client = await house.open();
    await client.until(1);
    house.server.calls.refuse({ refused: "not-on-this-channel", detail: "Not here." });
    client.send({ type: "say", text: "a" });
    expect(await client.until(2)).toContainEqual({
      type: "error",
      code: "not-on-this-channel",
      message: "Not here.",
    });
    house.server.calls.break();
    client.send({ type: "say", text: "a" });
    const { code, reason } = await client.closed;
    expect(code).toBe(1_011);
    expect(reason).not.toContain("secret");
  });

  test("not send large frames", async () => {
    const client = await house.open();
    client.send({ type: "say", text: "x".repeat(liveLimits.frameBytesMax) });
    expect(await client.closed).toMatchObject({ code: 1_009 });
    await vi.waitFor(() => expect(house.server.live.sessions).toBe(0));
  });

  test("not send more than can be carried out", async () => {
    const client = await house.open();
    await client.until(1);
    const hearing = vi.waitFor(() =>
      expect(client.updates.filter(({ type }) => type === "error").length).toBeGreaterThan(0),
    );
    for (let command = 0; command < 200; command += 1) client.send({ type: "say", text: `word ${command}` });
    await hearing;
    expect(client.updates).toContainEqual({
      type: "error",
      code: "agenda-full",
      message: expect.stringContaining("not taken"),
    });
    const heard = client.updates.filter(({ type }) => type === "message").length;
    expect(heard).toBeLessThan(200);
  });
});

describe("a client that is not there any more", () => {
  test("is let go when it answers no ping", async () => {
    const client = await house.open();
    await client.until(1);
    client.socket.pause();
    await house.clock.advance(liveLimits.pingEveryMs);
    expect(house.server.live.sessions).toBe(1);
    await house.clock.advance(liveLimits.pingEveryMs);
    await vi.waitFor(() => expect(house.server.live.sessions).toBe(0));
    await vi.waitFor(() => expect(house.clock.waiting).toBe(0));
  });

  test("stays as long as it answers", async () => {
    const client = await house.open();
    await client.until(1);
    for (let time = 0; time < 5; time += 1) {
      const pinged = new Promise((resolve) => client.socket.once("ping", resolve));
      await house.clock.advance(liveLimits.pingEveryMs);
      await pinged;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(house.server.live.sessions).toBe(1);
  });

  test("is cut when it reads too slowly", async () => {
    const client = await house.open();
    await client.until(1);
    client.socket.pause();
    const large = "x".repeat(200_000);
    for (let number = 0; number < 100; number += 1)
      await house.server.calls.write(house.callId, words(large, `m${number}`));
    await house.clock.advance(liveLimits.drainMaxMs);
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 1_013, reason: "too slow: connect again, nothing is lost" });
    const again = await house.open();
    expect((await again.until(101)).filter(({ type }) => type === "message")).toHaveLength(100);
  });

  test("is cut when more waits for it than is held", async () => {
    const client = await house.open();
    await client.until(1);
    client.socket.pause();
    const large = "x".repeat(200_000);
    for (let number = 0; number < 40; number += 1)
      await house.server.calls.write(house.callId, words(large, `m${number}`));
    for (let number = 0; number < liveLimits.updatesMax + 10; number += 1) tell(piece("d", "x"));
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 1_013 });
  });
});

test("a server that stops says goodbye and lets nobody in", async () => {
  const client = await house.open();
  await client.until(1);
  house.server.live.close();
  expect(await client.closed).toMatchObject({ code: 1_001 });
  expect(await refused(house.liveUrl)).toMatchObject({ status: 503, body: { code: "stopping" } });
});
