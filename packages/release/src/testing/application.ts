/** An application as a reader of the documents would write it, used from plain JavaScript on every runtime. */
export const application = `
import { serverUrl, tool } from "@offhook/server-url";
import { answerOf, fixture, signed, testClock, toolCall, vendorFixture, unsigned } from "@offhook/server-url/testing";
import { toHono } from "@offhook/server-url/hono";
import { toLambda } from "@offhook/server-url/lambda";
import { toNext } from "@offhook/server-url/next";
import { offhook } from "@offhook/client";
import { z } from "zod";

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";

export async function exercise() {
  const clock = testClock();
  const seen = [];
  const receiver = serverUrl({
    secret,
    now: clock.now,
    tools: { findSlots: tool({ description: "Free slots", parameters: z.object({ day: z.string() }), run: ({ day }) => day + " 9:00" }) },
    on: { "end-of-call-report": ({ call, analysis }) => seen.push(call.status + ": " + analysis.summary) },
  });
  const at = clock.now();
  const outcomes = [];
  const note = async (response) => outcomes.push((await answerOf(response)).body);
  await note(await receiver.fetch(await signed(fixture("end-of-call-report"), { secret, at })));
  await note(await receiver.fetch(await toolCall("findSlots", { day: "Monday" }, { secret, at })));
  await note(await receiver.fetch(await toolCall("findSlots", {}, { secret, at, toolCallId: "t2" })));
  await note(await receiver.fetch(unsigned(vendorFixture("2026", "hang"), { secret })));
  outcomes.push((await receiver.fetch(await signed(fixture("hang"), { secret: "another", at }))).status);
  const raw = await signed(fixture("hang"), { secret, at });
  await note(await toHono(receiver)({ req: { raw }, get executionCtx() { throw new Error("none"); } }));
  await note(await toNext(receiver).POST(await signed(fixture("error"), { secret, at })));
  const event = { requestContext: { http: { method: "GET" } } };
  outcomes.push((await toLambda(receiver)(event)).statusCode);
  const client = offhook({ url: "http://127.0.0.1:9", apiKey: "k", limits: { retriesMax: 0 } });
  outcomes.push((await client.calls.list()).problem.code);
  return JSON.stringify({ seen, outcomes, tools: receiver.definitions().length });
}
`;

/** What it is to print, everywhere. */
export const expected = {
  seen: ["finished: The caller asked for a slot on Monday and was offered nine o'clock."],
  outcomes: [
    { received: true },
    { result: "Monday 9:00" },
    { error: "The arguments of findSlots do not fit: /day: is missing: expected string." },
    { received: true },
    401,
    { received: true },
    { received: true },
    405,
    "unreachable",
  ],
  tools: 1,
};

/** The same with types, as strict as they come; what is wrong must not compile. */
export const typedApplication = `
import { serverUrl, tool, type CallEvent } from "@offhook/server-url";
import { toExpress } from "@offhook/server-url/express";
import { toFastify } from "@offhook/server-url/fastify";
import { toHono } from "@offhook/server-url/hono";
import { toLambda } from "@offhook/server-url/lambda";
import { toNext } from "@offhook/server-url/next";
import { toNode } from "@offhook/server-url/node";
import { fixture, signed } from "@offhook/server-url/testing";
import { offhook } from "@offhook/client";
import { z } from "zod";

const receiver = serverUrl({
  secret: "s",
  tools: {
    findSlots: tool({
      description: "",
      parameters: z.object({ day: z.string(), count: z.number().default(1) }),
      timeoutMs: 1_000,
      run: ({ day, count }, { call }) => day.repeat(count) + (call?.id ?? ""),
    }),
    // @ts-expect-error the arguments have no such field
    wrong: tool({ description: "", parameters: z.object({ day: z.string() }), run: ({ hour }) => hour }),
  },
  on: {
    hang: ({ hang }) => hang.elapsedMs?.toFixed(),
    // @ts-expect-error a report has no hang
    "end-of-call-report": ({ hang }) => hang,
  },
  onOther: (message) => message.type,
});
// @ts-expect-error there is no such event
serverUrl({ secret: "s", on: { "no-such-event": () => undefined } });
export const keep: CallEvent[] = [];
export const handlers = [toExpress(receiver), toFastify(receiver), toHono(receiver), toLambda(receiver), toNext(receiver), toNode(receiver)];
export const client = offhook({ url: "http://127.0.0.1:4600", apiKey: "k" });
export const call = client.calls.connect({ assistantId: "a", callType: "chat" });
// @ts-expect-error there is no such kind of call
export const bad = client.calls.connect({ assistantId: "a", callType: "fax" });
export const request = signed(fixture("hang", "2026-03"), { secret: "s" });
`;
