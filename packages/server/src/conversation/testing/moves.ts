import type { Tool, ToolOutcome } from "@offhook/protocol";
import fc from "fast-check";
import type { ModelFailure } from "../../model.ts";
import type { ReadToolCall } from "../event.ts";
import type { Setup } from "../state.ts";
import { asks, asksBadly, busy, refused, setup, tool, toolElsewhere } from "./setup.ts";

/** Which of the ids that there are an event bears: one that fits, one that did, or none of this call. */
export type Whose = "current" | "stale" | "foreign";

/** How much time passes before a move. */
export type Wait = { kind: "ms"; ms: number } | { kind: "deadline"; offMs: number };

/** A thing that may happen, or a run of them; what it becomes depends on the call at that moment. */
export type Move = { wait: Wait; deed: Deed };

export type Deed =
  | { kind: "plain"; type: "connected" | "left" | "lost" | "stopped" | "deadline-passed" | "heard" }
  | { kind: "hum" }
  | { kind: "hold"; toolCalls: readonly ReadToolCall[] }
  | { kind: "goodbye"; others: readonly ReadToolCall[] }
  | { kind: "voice"; type: "speech-began" | "hearing" | "speech-ended" }
  | { kind: "play"; whose: Whose; share: number }
  | { kind: "model-text"; whose: Whose; text: string }
  | { kind: "model-begins-call"; whose: Whose }
  | { kind: "model-finishes"; whose: Whose; toolCalls: readonly ReadToolCall[] }
  | { kind: "model-fails"; whose: Whose; failure: ModelFailure }
  | { kind: "tool-answers"; whose: Whose; which: number; outcome: ToolOutcome }
  | { kind: "control"; type: "say" | "end" | "forward" | "dtmf" | "mute" | "unmute" | "update" }
  | { kind: "add-message"; role: "user" | "assistant" | "system"; respond: boolean | undefined }
  | { kind: "tool-result"; whose: Whose; which: number }
  | { kind: "flood"; times: number; what: "heard" | "say" | "add-message" }
  | { kind: "rounds"; times: number };

/** A talk to be played. */
export type Plan = { setup: Setup; opening: boolean; moves: readonly Move[] };

const whose = fc.oneof(
  { arbitrary: fc.constant<Whose>("current"), weight: 12 },
  { arbitrary: fc.constant<Whose>("stale"), weight: 2 },
  { arbitrary: fc.constant<Whose>("foreign"), weight: 1 },
);

const text = fc.oneof(
  { arbitrary: fc.constantFrom("Hello. ", "Well", " then. ", "Good bye! "), weight: 8 },
  { arbitrary: fc.constantFrom("", " ", "\n"), weight: 2 },
  { arbitrary: fc.constant("x".repeat(60_000)), weight: 1 },
);

const modelCallId = fc.constantFrom("call_a", "call_b", "call_c");
const toolCall = fc.oneof(
  { arbitrary: fc.tuple(fc.constantFrom("book", "look", "mail", "slow"), modelCallId), weight: 6 },
  { arbitrary: fc.tuple(fc.constantFrom("endCall", "callForward", "dance"), modelCallId), weight: 2 },
);
const readToolCall = fc
  .tuple(toolCall, fc.integer({ min: 0, max: 9 }))
  .map(([[name, id], luck]) =>
    luck === 0 ? { ...asksBadly(name), modelCallId: id } : asks(name, { luck }, id),
  );

const toolCalls = fc.oneof(
  { arbitrary: fc.constant<ReadToolCall[]>([]), weight: 8 },
  { arbitrary: fc.array(readToolCall, { minLength: 1, maxLength: 4 }), weight: 8 },
  { arbitrary: fc.array(readToolCall, { minLength: 15, maxLength: 19 }), weight: 1 },
);

const outcome = fc.oneof(
  fc.constantFrom<ToolOutcome[]>(
    { kind: "result", result: "Done.", understoodAs: "result-text" },
    { kind: "result", result: { free: [1, 2] }, understoodAs: "result-json" },
    { kind: "error", code: "http-500", error: "The tool answered 500." },
  ),
);

const which = fc.nat(30);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  weigh(14, { kind: fc.constant("plain"), type: fc.constant("heard") }),
  weigh(14, { kind: fc.constant("plain"), type: fc.constant("deadline-passed") }),
  weigh(3, { kind: fc.constant("plain"), type: fc.constantFrom("left", "lost", "stopped") }),
  weigh(3, { kind: fc.constant("plain"), type: fc.constant("connected") }),
  weigh(3, { kind: fc.constant("hum") }),
  weigh(6, { kind: fc.constant("hold"), toolCalls }),
  weigh(4, {
    kind: fc.constant("goodbye"),
    others: fc.constantFrom([], [asks("book", { luck: 1 }, "call_d")]),
  }),
  weigh(12, {
    kind: fc.constant("voice"),
    type: fc.constantFrom("speech-began", "hearing", "speech-ended", "speech-ended"),
  }),
  weigh(16, { kind: fc.constant("play"), whose, share: fc.constantFrom(0, 0.3, 0.7, 1, 1) }),
  weigh(24, { kind: fc.constant("model-text"), whose, text }),
  weigh(4, { kind: fc.constant("model-begins-call"), whose }),
  weigh(24, { kind: fc.constant("model-finishes"), whose, toolCalls }),
  weigh(4, { kind: fc.constant("model-fails"), whose, failure: fc.constantFrom(busy, refused) }),
  weigh(24, { kind: fc.constant("tool-answers"), whose, which, outcome }),
  weigh(8, {
    kind: fc.constant("control"),
    type: fc.constantFrom("say", "say", "dtmf", "mute", "unmute", "unmute", "update"),
  }),
  weigh(1, { kind: fc.constant("control"), type: fc.constantFrom("end", "forward") }),
  weigh(5, {
    kind: fc.constant("add-message"),
    role: fc.constantFrom("user", "assistant", "system"),
    respond: fc.constantFrom(undefined, true, false),
  }),
  weigh(5, { kind: fc.constant("tool-result"), whose, which }),
  weigh(1, {
    kind: fc.constant("flood"),
    times: fc.integer({ min: 2, max: 60 }),
    what: fc.constantFrom("heard", "say", "add-message"),
  }),
  weigh(2, { kind: fc.constant("rounds"), times: fc.integer({ min: 1, max: 10 }) }),
);

type Fields<Of> = { [Key in keyof Of]: fc.Arbitrary<Of[Key]> };

function weigh<Of extends Deed>(weight: number, fields: Fields<Of>): fc.WeightedArbitrary<Of> {
  return { arbitrary: fc.record<Of>(fields), weight };
}

const wait: fc.Arbitrary<Wait> = fc.oneof(
  {
    arbitrary: fc.constantFrom<Wait[]>({ kind: "ms", ms: 0 }, { kind: "ms", ms: 1 }, { kind: "ms", ms: 400 }),
    weight: 12,
  },
  { arbitrary: fc.record({ kind: fc.constant("ms"), ms: fc.integer({ min: 0, max: 30_000 }) }), weight: 1 },
  {
    arbitrary: fc.record({ kind: fc.constant("deadline"), offMs: fc.constantFrom(-1, 0, 0, 1, 2_000) }),
    weight: 5,
  },
);

const lines: Tool["messages"] = [
  { type: "request-start", content: "I look." },
  { type: "request-response-delayed", content: "Still looking.", timingMilliseconds: 400 },
  { type: "request-complete", content: "Found." },
  { type: "request-failed", content: "Alas." },
];
const offered = [
  tool("book"),
  tool("look", { messages: lines }),
  tool("mail", { async: true }),
  toolElsewhere("slow", 60),
];

const setups: fc.Arbitrary<Setup> = fc
  .record({
    welcome: fc.record({
      mode: fc.constantFrom("assistant-speaks-first", "assistant-waits-for-user", "automatic"),
      text: fc.constantFrom("", "Good morning."),
    }),
    prompt: fc.constantFrom("", "Be kind."),
    tools: fc.constantFrom(offered, offered, offered, []),
    builtIns: fc.constantFrom<Setup["builtIns"][]>(["endCall", "callForward"], ["endCall"], []),
    forwardTo: fc.constantFrom(undefined, { phoneNumber: "+491" }),
    endCallMessage: fc.constantFrom("", "Thank you for calling."),
    endCallPhrases: fc.constantFrom<string[][]>([], [], ["good bye"]),
    hangThresholdMs: fc.constantFrom(100, 5_000, 600_000),
    maxCallMs: fc.constantFrom(3_000, 900_000, 86_400_000, 86_400_000),
    bargeIn: fc.constantFrom(true, true, false),
    playback: fc.constantFrom("instant", "reported", "reported"),
    welcomeBargeIn: fc.boolean(),
    wordsToBreakIn: fc.constantFrom(0, 0, 3),
    hangRecovery: fc.constantFrom<Setup["hangRecovery"][]>(
      "none",
      { say: "One moment." },
      { model: "macaw" },
    ),
    warning: fc.constantFrom<Setup["warning"][]>(
      undefined,
      { beforeMs: 1_000, text: "Soon we must end." },
      { beforeMs: 1_000, text: undefined },
    ),
    idle: fc.record({
      timeoutMs: fc.constantFrom(1_000, 20_000),
      messages: fc.constantFrom<string[][]>([], ["Are you there?"], ["Hello?", "Anybody?"]),
      messagesMax: fc.constantFrom(0, 2, 3),
    }),
  })
  .map(setup);

/** Any talk: most of them get through to the line, and none is reasonable. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  setup: setups,
  opening: fc.integer({ min: 0, max: 7 }).map((luck) => luck > 0),
  moves: fc.array(fc.record({ wait, deed }), { minLength: 1, maxLength: 60, size: "max" }),
});
