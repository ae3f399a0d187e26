import { describe, expect, it } from "vitest";
import type { Fault } from "./fault.ts";
import type { EventContext } from "./handlers.ts";
import { lastingHost } from "./incoming.ts";
import { serverUrl, type ServerUrlOptions } from "./receiver.ts";
import { answerOf, moment, post, secret } from "./testing/post.ts";

const update = (sequence: number) => ({
  message: { type: "status-update", sequence, status: "ongoing", call: { id: "TC-1" } },
});
const accepted = { status: 200, body: { received: true } };

const early = { answerAfterMs: 20 };

/** A receiver, and a gate that its first handler waits at. */
function patient(options: Partial<ServerUrlOptions>, run: () => unknown = () => undefined) {
  const gate = Promise.withResolvers<void>();
  const handled: number[] = [];
  const contexts: EventContext[] = [];
  const faults: Fault[] = [];
  const receiver = serverUrl({
    secret,
    now: () => moment,
    onFault: (fault) => faults.push(fault),
    on: {
      "status-update": async ({ sequence }, context) => {
        contexts.push(context);
        if (handled.length === 0) await gate.promise;
        run();
        handled.push(sequence ?? 0);
      },
    },
    ...options,
  });
  const send = async (sequence: number, host = lastingHost) =>
    answerOf(await receiver.fetch(await post(update(sequence), { id: `e${sequence}` }), host));
  return { receiver, send, open: gate.resolve, handled, contexts, faults };
}

describe("a handler that takes longer than its answer may", () => {
  it("is answered for, and goes on", async () => {
    const { receiver, send, open, handled } = patient(early);
    expect(await send(1)).toEqual(accepted);
    expect(handled).toEqual([]);
    open();
    await receiver.settled();
    expect(handled).toEqual([1]);
  });

  it("is waited for by the next event of its call, and counts for its order", async () => {
    const { receiver, send, open, handled, contexts } = patient(early);
    expect(await send(1)).toEqual(accepted);
    expect(await send(2)).toEqual(accepted);
    expect(contexts).toHaveLength(1);
    open();
    await receiver.settled();
    expect(handled).toEqual([1, 2]);
    expect(contexts[1]).toMatchObject({ gap: [], late: false });
  });

  it("is handled once, however often it comes", async () => {
    const { receiver, send, open, handled } = patient(early);
    await Promise.all([send(1), send(1)]);
    await send(1);
    open();
    await receiver.settled();
    await send(1);
    expect(handled).toEqual([1]);
  });

  it("tells a failure to the application, and would handle the event again", async () => {
    let failures = 0;
    const { receiver, send, open, handled, faults } = patient(early, () => {
      failures += 1;
      if (failures === 1) throw new Error("the disk is full");
    });
    expect(await send(1)).toEqual(accepted);
    open();
    await receiver.settled();
    expect(faults).toMatchObject([{ kind: "handler", name: "status-update", callId: "TC-1" }]);
    expect(await send(1)).toEqual(accepted);
    expect(handled).toEqual([1]);
  });

  it("is told to stop at its limit", async () => {
    const { receiver, send, contexts } = patient({ answerAfterMs: 20, limits: { eventMsMax: 60 } });
    expect(await send(1)).toEqual(accepted);
    await receiver.settled();
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it("is kept alive by the host's waitUntil", async () => {
    const kept: Promise<unknown>[] = [];
    const { send, open, handled } = patient(early);
    expect(await send(1, { waitUntil: (work) => kept.push(work) })).toEqual(accepted);
    open();
    await Promise.all(kept);
    expect(handled).toEqual([1]);
  });

  it.each([
    ["the host can not wait", { answerAfterMs: 20 }, {}],
    ["the application does not ask for it", {}, lastingHost],
  ])("is answered when it is done where %s", async (_, options, host) => {
    const { send, open, handled } = patient(options);
    const answer = send(1, host);
    open();
    expect(await answer).toEqual(accepted);
    expect(handled).toEqual([1]);
  });
});
