import type { Happening } from "@offhook/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "./event.ts";
import { limits } from "./limits.ts";
import { plans } from "./testing/moves.ts";
import { play } from "./testing/play.ts";

describe("the random talks", () => {
  it("reach every state with every event, every entry, every effect, every outcome and every reason", () => {
    const seen = new Set<string>();
    for (const plan of fc.sample(plans, { numRuns: 1_500, seed: 1 })) {
      for (const { before, event, entries, effects } of play(plan).steps) {
        seen.add(`${before.name}/${event.type}`);
        for (const entry of entries) seen.add(entry.type).add(outcomeOf(entry));
        for (const effect of effects)
          seen.add(effect.type === "ask-model" && effect.request.tools === "none" ? "no tools" : effect.type);
        if (before.core.agenda.length === limits.agendaMax) seen.add("agenda full");
      }
    }
    expect(reachable.filter((one) => !seen.has(one))).toEqual([]);
  });
});

const states = [
  "queued",
  "listening",
  "thinking",
  "replying",
  "held",
  "acting",
  "speaking",
  "closing",
  "ended",
];
const eventTypes: Event["type"][] = [
  "connected",
  "heard",
  "speech-began",
  "hearing",
  "speech-ended",
  "playing",
  "played",
  "left",
  "lost",
  "model-text",
  "model-tool-call-begun",
  "model-finished",
  "model-failed",
  "tool-answered",
  "controlled",
  "deadline-passed",
  "stopped",
];
const reachable = [
  states.flatMap((state) => eventTypes.map((event) => `${state}/${event}`)),
  ["ask-model", "stop-model", "ask-tool", "say", "hush", "pause", "resume", "close-channel"],
  ["no tools", "agenda full"],
  ["hang", "hang-recovered", "error", "control-received", "message-added", "tool-requested"],
  ["answered", "interrupted", "failed", "call-ended", "kept", "discarded"],
  ["canceled", "user-hung-up", "channel-lost", "server-stopped", "assistant-ended", "end-phrase"],
  ["forwarded", "control-ended", "max-duration", "model-failed", "idle-timeout"],
].flat();

function outcomeOf(entry: Happening): string {
  if (entry.type === "turn-ended" || entry.type === "model-answered") return entry.outcome;
  return entry.type === "status-changed" ? (entry.endedReason ?? entry.status) : entry.type;
}
