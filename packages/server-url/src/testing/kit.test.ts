import { formats, tellTypes } from "@offhook/protocol";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Fault } from "../fault.ts";
import type { CallEvent } from "../reading/received.ts";
import { serverUrl } from "../receiver.ts";
import { tool } from "../tool.ts";
import {
  answerOf,
  fixture,
  signed,
  testClock,
  toolCall,
  unsigned,
  vendorFixture,
  vendorGenerations,
} from "./kit.ts";

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";

/** A receiver on a clock of its own, and the events that it was told of. */
function made() {
  const seen: CallEvent[] = [];
  const faults: Fault[] = [];
  const clock = testClock();
  const keep = (event: CallEvent): void => void seen.push(event);
  const receiver = serverUrl({
    secret,
    now: clock.now,
    onFault: (fault) => faults.push(fault),
    tools: { findSlots: tool({ description: "", parameters: {}, run: (args) => ({ asked: args }) }) },
    on: Object.fromEntries(tellTypes.map((type) => [type, keep])),
  });
  return { receiver, seen, faults, clock };
}

describe("a signed message", () => {
  it("is believed by the referee of Standard Webhooks", async () => {
    const request = await signed({ type: "hang" }, { secret, id: "evt_1" });
    const headers = Object.fromEntries(request.headers);
    expect(new Webhook(secret).verify(await request.text(), headers)).toEqual({ message: { type: "hang" } });
  });

  it("takes its id from the message, and its time from the clock it is given", async () => {
    const { clock } = made();
    clock.advance(5_000);
    const { headers } = await signed(fixture("hang"), { secret, at: clock.now(), attempt: 2 });
    expect(headers.get("webhook-id")).toBe(fixture("hang").message["id"]);
    expect(headers.get("webhook-timestamp")).toBe(String(Date.UTC(2026, 2, 2, 9, 0, 5) / 1_000));
    expect(headers.get("offhook-attempt")).toBe("2");
  });

  it("is too old once the clock has moved on", async () => {
    const { receiver, clock } = made();
    const send = async () =>
      receiver.fetch(await signed({ type: "hang" }, { secret, at: Date.UTC(2026, 2, 2, 9) }));
    expect((await send()).status).toBe(200);
    clock.advance(301_000);
    expect((await send()).status).toBe(401);
  });
});

describe("the fixtures", () => {
  it.each(formats.flatMap((format) => tellTypes.map((type) => ({ format, type }))))(
    "$type of $format is read",
    async ({ format, type }) => {
      const { receiver, seen, clock } = made();
      const request = await signed(fixture(type, format), { secret, at: clock.now() });
      expect(await answerOf(await receiver.fetch(request))).toEqual({
        status: 200,
        body: { received: true },
      });
      expect(seen).toMatchObject([{ type, call: { callType: "chat" }, customer: { name: "Sample" } }]);
      expect(seen[0]?.original).toEqual(fixture(type, format));
    },
  );

  it("are fresh each time", () => {
    fixture("hang").message["type"] = "changed";
    expect(fixture("hang").message["type"]).toBe("hang");
  });
});

describe("a tool request", () => {
  it.each([
    ["envelope", { result: '{"asked":{"day":"Monday"}}' }],
    ["arguments", { result: '{"asked":{"day":"Monday"}}' }],
    ["tool-calls", { results: [{ toolCallId: "tool_test_1", result: '{"asked":{"day":"Monday"}}' }] }],
  ] as const)("in the style %s is answered", async (style, body) => {
    const { receiver, clock } = made();
    const request = await toolCall("findSlots", { day: "Monday" }, { secret, style, at: clock.now() });
    expect(await answerOf(await receiver.fetch(request))).toEqual({ status: 200, body });
  });
});

const vendorTypes = ["status-update", "conversation-update", "hang", "error", "end-of-call-report"] as const;

describe.each(vendorGenerations)("the vendor's generation %s", (generation) => {
  it.each(vendorTypes)("is understood: %s", async (type) => {
    const { receiver, seen, faults } = made();
    const body = vendorFixture(generation, type);
    const answer = await receiver.fetch(unsigned(body, { secret }));
    expect(await answerOf(answer)).toEqual({ status: 200, body: { received: true } });
    expect(faults).toEqual([]);
    expect(seen[0]).toMatchObject({ type, original: body, call: { callType: "web", userNumber: "web-ada" } });
    expect(seen[0]?.customer.number).toBe("web-ada");
    if (type !== "status-update")
      expect(seen[0]?.messages.map(({ role }) => role)).toEqual(["assistant", "user"]);
  });

  it("ends alike", async () => {
    const { receiver, seen } = made();
    await receiver.fetch(unsigned(vendorFixture(generation, "end-of-call-report"), { secret }));
    expect(seen[0]?.call).toMatchObject({ status: "finished", endAt: Date.UTC(2026, 2, 2, 9) });
    expect(["user", "assistant"]).toContain(seen[0]?.call.endedBy);
    expect(seen[0]?.analysis).toMatchObject({
      summary: "Ada asked for a slot on Monday.",
      structuredData: { "Preferred Day": "Monday" },
    });
  });

  it("is told apart without ids: what comes again is handled once", async () => {
    const { receiver, seen } = made();
    for (let time = 0; time < 2; time++)
      for (const type of vendorTypes)
        await receiver.fetch(unsigned(vendorFixture(generation, type), { secret }));
    expect(seen.map(({ type }) => type)).toEqual([...vendorTypes]);
  });

  it.each(["x-interactly-secret", "X-INTERACTLY.AI-SECRET"])(
    "is believed by the secret in %s",
    async (header) => {
      const { receiver } = made();
      const send = async (value: string) => {
        const request = unsigned(vendorFixture(generation, "hang"), { secret });
        request.headers.delete("x-interactly-secret");
        request.headers.set(header, value);
        return (await receiver.fetch(request)).status;
      };
      expect([await send(secret), await send(`${secret}x`), await send("")]).toEqual([200, 401, 401]);
    },
  );
});
