import type { JsonObject } from "@offhook/protocol";
import fc from "fast-check";

/** What a user, or the application by control, does in a call; `afterMs` since the deed before it. */
export type Act = {
  afterMs: number;
  deed:
    | { kind: "say"; text: string }
    /** A voice for so long, and no words in it; only a line that takes its time has one. */
    | { kind: "voice"; ms: number }
    | { kind: "leave" }
    | { kind: "end" }
    | { kind: "control-say" }
    | { kind: "mute" }
    | { kind: "unmute" }
    | { kind: "add-message"; respond: boolean }
    | { kind: "tool-result"; which: number }
    | { kind: "update" };
};

/** One reply of the model: words, then tool calls, or a failure; or nothing at all, until it is called off. */
export type ReplyPlan = {
  firstMs: number;
  wordMs: number;
  words: number;
  tools: readonly ("book" | "look" | "mail" | "elsewhere" | "endCall" | "callForward" | "dance")[];
  end: "finished" | "fails-for-now" | "fails" | "stalls";
};

/** What a receiver makes of one request. */
export type Answer = {
  kind: "accept" | "refuse" | "busy" | "gone" | "reset" | "no-connection" | "never" | "garbage";
  tookMs: number;
};

/** What happens to the server; `afterMs` since the trouble before it. */
export type Trouble = {
  afterMs: number;
  kind: "kill" | "stop" | "disk-fails" | "clock-jumps" | "receiver-down";
  /** How long until it is over (until it starts again), or how far the clock jumps. */
  ms: number;
};

export type CallPlan = {
  startMs: number;
  assistant: JsonObject;
  acts: readonly Act[];
};

/** A whole run, from which everything follows. */
export type Plan = {
  /** Chance within the run: ids, jitter, how long the disk takes. */
  seed: number;
  /** Whether what is said is heard at once, or at speech speed. */
  line: "chat" | "paced";
  calls: readonly CallPlan[];
  replies: readonly ReplyPlan[];
  tells: readonly Answer[];
  tools: readonly Answer[];
  troubles: readonly Trouble[];
};

const shortly = fc.constantFrom(0, 1, 20, 200, 1_000, 4_900, 5_100, 20_000);

const acts: fc.Arbitrary<Act> = fc.record({
  afterMs: shortly,
  deed: fc.oneof(
    {
      arbitrary: fc.record({ kind: fc.constant("say"), text: fc.constantFrom("Hello", "Book it") }),
      weight: 12,
    },
    {
      arbitrary: fc.record({ kind: fc.constantFrom("leave", "end", "mute", "unmute", "update") }),
      weight: 3,
    },
    {
      arbitrary: fc.record({ kind: fc.constant("voice"), ms: fc.constantFrom(200, 3_000, 9_000) }),
      weight: 3,
    },
    { arbitrary: fc.record({ kind: fc.constant("control-say") }), weight: 2 },
    { arbitrary: fc.record({ kind: fc.constant("add-message"), respond: fc.boolean() }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant("tool-result"), which: fc.nat(3) }), weight: 1 },
  ),
});

const replies: fc.Arbitrary<ReplyPlan> = fc.record({
  firstMs: fc.oneof(
    { arbitrary: fc.constantFrom(0, 10, 300), weight: 8 },
    { arbitrary: fc.constantFrom(4_999, 5_001, 7_000), weight: 2 },
  ),
  wordMs: fc.constantFrom(0, 0, 30, 2_000),
  words: fc.constantFrom(0, 1, 3, 8),
  tools: fc.oneof(
    { arbitrary: fc.constant([]), weight: 5 },
    {
      arbitrary: fc.array(
        fc.constantFrom("book", "book", "look", "mail", "elsewhere", "endCall", "callForward", "dance"),
        { minLength: 1, maxLength: 3 },
      ),
      weight: 5,
    },
  ),
  end: fc.oneof(
    { arbitrary: fc.constant("finished"), weight: 12 },
    { arbitrary: fc.constantFrom("fails-for-now", "fails", "stalls"), weight: 2 },
  ),
});

const answers = (...tookMs: number[]): fc.Arbitrary<Answer> =>
  fc.record({
    kind: fc.oneof(
      { arbitrary: fc.constant("accept"), weight: 14 },
      {
        arbitrary: fc.constantFrom("refuse", "busy", "reset", "no-connection", "never", "garbage", "gone"),
        weight: 4,
      },
    ),
    tookMs: fc.constantFrom(...tookMs),
  });

const troubles: fc.Arbitrary<Trouble> = fc.record({
  afterMs: fc.constantFrom(0, 3, 50, 700, 5_000, 9_000),
  kind: fc.oneof(
    { arbitrary: fc.constant("kill"), weight: 4 },
    { arbitrary: fc.constantFrom("stop", "disk-fails", "clock-jumps", "receiver-down"), weight: 4 },
  ),
  ms: fc.constantFrom(0, 10, 2_000, 60_000, 3_600_000),
});

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  description: name,
  parameters: { type: "object", properties: {} },
  ...more,
});

/** Assistants that differ in all that decides what a call does next. */
const assistants: fc.Arbitrary<JsonObject> = fc
  .record({
    welcomeMessageMode: fc.constantFrom("assistant-speaks-first", "assistant-waits-for-user", "automatic"),
    endCallMessage: fc.constantFrom("", "Goodbye."),
    endCallPhrases: fc.constantFrom<string[][]>([], ["word three"]),
    bargeInEnabled: fc.boolean(),
    hangThresholdMs: fc.constantFrom(5_000, 5_000, 100),
    hangRecovery: fc.constantFrom<JsonObject[string][]>("none", { say: "One moment." }, { model: "another" }),
    idleMessages: fc.constantFrom<string[][]>([], [], ["Are you there?"]),
    stopSpeakingOptions: fc.record({ numberOfWords: fc.constantFrom(0, 2) }),
    maxCallDuration: fc.constantFrom(60, 300),
    subscribed: fc.constantFrom("all", "all", "all", "few", "none"),
    format: fc.constantFrom("2025-04", "2026-03"),
  })
  .map(({ subscribed, format, ...settings }) => ({
    ...settings,
    name: "Simulated",
    welcomeMessage: "Welcome.",
    assistantProvider: "rehearsal",
    assistantPredefinedTools: ["endCall", "callForward"],
    callForwardData: { phoneNumber: "+49301234567" },
    tools: [
      tool("book"),
      tool("look"),
      tool("mail", { async: true }),
      tool("elsewhere", { server: { url: "http://127.0.0.1:9/tool", timeoutSeconds: 8 } }),
    ],
    ...(subscribed === "none" ? {} : { assistantServer: serverOf(subscribed, format) }),
  }));

function serverOf(subscribed: string, format: string): JsonObject {
  const everything = [
    "status-update",
    "conversation-update",
    "hang",
    "hang-recovered",
    "error",
    "end-of-call-report",
  ];
  return {
    url: "http://127.0.0.1:9/offhook",
    timeoutSeconds: 5,
    secret: "a secret of the simulation",
    format,
    messages: subscribed === "all" ? everything : ["conversation-update", "end-of-call-report"],
  };
}

const calls: fc.Arbitrary<CallPlan> = fc.record({
  startMs: fc.constantFrom(0, 0, 10, 3_000),
  assistant: assistants,
  acts: fc.array(acts, { maxLength: 7 }),
});

/** Any run: a few calls, a model and receivers of all kinds, and what may befall a server. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(1_000_000),
  line: fc.constantFrom("chat", "paced"),
  calls: fc.array(calls, { minLength: 1, maxLength: 3 }),
  replies: fc.array(replies, { minLength: 1, maxLength: 6 }),
  tells: fc.array(answers(0, 0, 5, 100, 6_000), { minLength: 1, maxLength: 6 }),
  tools: fc.array(answers(0, 5, 900, 2_500, 6_000), { minLength: 1, maxLength: 4 }),
  troubles: fc.array(troubles, { maxLength: 3 }),
});
