import type { EventType } from "../event.ts";
import type { Setup, StateName } from "../state.ts";
import { asks } from "./setup.ts";
import { connected, type Talk, talk } from "./talk.ts";

type Scene = (changes?: Partial<Setup>) => Talk;

/** A call in each state, by the shortest way there. */
export const scenes: Record<StateName, Scene> = {
  queued: talk,
  listening: connected,
  thinking: (changes) => connected(changes).hears("Hello"),
  replying: (changes) => scenes.thinking(changes).modelSays("Hi."),
  held: (changes) => scenes.replying(changes).begins().modelFinishes(asks("book")),
  acting: (changes) => scenes.replying(changes).modelFinishes(asks("book")),
  speaking: (changes) => scenes.thinking({ playback: "reported", ...changes }).modelReplies("Hi."),
  closing: (changes) =>
    scenes.thinking({ playback: "reported", ...changes }).modelReplies("Goodbye.", asks("endCall")),
  ended: (changes) => scenes.acting(changes).leaves(),
};

/** Each event as it would fit best: of the reply, the message or the tool call that came last. */
export const occurrences: Record<EventType, (call: Talk) => Talk> = {
  connected: (call) => call.connects(),
  heard: (call) => call.hears("And?"),
  "speech-began": (call) => call.begins(),
  hearing: (call) => call.utters("An"),
  "speech-ended": (call) => call.fallsSilent(),
  playing: (call) => call.plays("H"),
  played: (call) => call.playsOut(),
  left: (call) => call.leaves(),
  lost: (call) => call.loses(),
  "model-text": (call) => call.modelSays(" Well."),
  "model-tool-call-begun": (call) => call.modelBeginsCall("book"),
  "model-finished": (call) => call.modelFinishes(asks("look")),
  "model-failed-over": (call) => call.modelFailsOver({ provider: "deepseek", model: "next" }),
  "model-failed": (call) =>
    call.modelFails({ code: "unreachable", message: "No way there.", retryable: true }),
  "tool-answered": (call) => call.toolAnswers(1, "Done."),
  controlled: (call) => call.control({ type: "say", message: "One moment." }),
  "deadline-passed": (call) => call.waitsForDeadline(),
  stopped: (call) => call.stops(),
};
