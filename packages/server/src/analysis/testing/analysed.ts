import type { Analysis, JsonObject } from "@offhook/protocol";
import type { ModelRequest } from "../../model.ts";
import { said, type ScriptedReplies, scriptedModel } from "../../testing/scripted-model.ts";
import { type VirtualClock, virtualClock } from "../../testing/virtual-clock.ts";
import { analyse, type Analyses } from "../analyse.ts";
import { AnalysisQueue } from "../queue.ts";
import { analysing, booking } from "./journal.ts";

export const schema = {
  type: "object",
  properties: { name: { type: "string" }, day: { type: "string" } },
  required: ["name", "day"],
};

/** A plan for each analysis. */
export const allPlans = {
  summary: { enabled: true },
  successEvaluation: { enabled: true },
  structuredData: { enabled: true, schema },
};

/** A plan for one of them. */
export function only(kind: keyof typeof allPlans, more: JsonObject = {}): JsonObject {
  return { [kind]: { ...allPlans[kind], ...more } };
}

/** What a good model answers to each. */
export const good = {
  conversation: "",
  summary: "Ada booked a slot.",
  successEvaluation: "success",
  structuredData: '{"name": "Ada", "day": "Tuesday"}',
} as const satisfies Record<ModelRequest["purpose"], string>;

type Given = {
  plans?: unknown;
  replies?: ScriptedReplies;
  entries?: typeof booking;
  more?: JsonObject;
  queue?: AnalysisQueue;
};

/** Analyses a call with a model that gives these replies; `finished` lets the time pass that it takes. */
export function analysed(given: Given = {}) {
  const { plans = allPlans, entries = booking, more = {} } = given;
  const { replies = ({ purpose }) => said(good[purpose]) } = given;
  const clock = virtualClock();
  const model = scriptedModel({ clock, replies });
  const parts = { model, clock, queue: given.queue ?? openQueue() };
  const begin = () => analyse(parts, { assistant: analysing(plans, more), entries, signal: never });
  const finished = () => finish(clock, () => inTimeOf(begin()));
  return { clock, model, finished, begin };
}

/** A queue in which nobody waits. */
export function openQueue(): AnalysisQueue {
  return new AnalysisQueue({ width: () => 100, waitingMax: 100 });
}

export const never = new AbortController().signal;

/** What is known when the time is over. */
export async function inTimeOf({ inTime }: Analyses): Promise<Analysis> {
  return (await inTime).analysis;
}

/** Lets the time pass until something has ended; says how long it took, and how many timers it left. */
export async function finish<Value>(clock: VirtualClock, begin: () => Promise<Value>) {
  const began = clock.now();
  const end: { value: Value; tookMs: number }[] = [];
  void begin().then((value) => end.push({ value, tookMs: clock.now() - began }));
  await clock.until(() => end.length > 0, 600_000);
  const [first] = end;
  if (first === undefined) throw new Error("it did not end");
  return { ...first, timersLeft: clock.waiting };
}
