import type { Clock } from "../../clock.ts";
import type { Model, ModelFailure, ModelRequest } from "../../model.ts";
import { called, failed, said, scriptedModel, stuck, type TimedEvent } from "../scripted-model.ts";
import type { Plan, ReplyPlan } from "./plan.ts";

/** A model that gives the planned replies, one after the other, then over again; `healed` it is brief and well. */
export function plannedModel(of: { plan: Plan; clock: Clock; counter: Asked; healed: () => boolean }): Model {
  const { plan, clock, counter, healed } = of;
  return scriptedModel({
    clock,
    replies: (request) => {
      const reply = plan.replies[counter.asked++ % plan.replies.length];
      const number = (counter.ofCall.get(request.maxTokens) ?? 0) + 1;
      counter.ofCall.set(request.maxTokens, number);
      return healed() || reply === undefined ? said("All is well.") : eventsOf(reply, request, number);
    },
  });
}

/** Requests so far: in all, and of each call, which is known by the tokens that it allows. */
export type Asked = { asked: number; ofCall: Map<number, number> };

/** The id of a tool call tells which request of its call was answered with it. */
export function modelCallIdOf(request: number, index: number): string {
  return `call_${request}_${index}`;
}

const busy: ModelFailure = { code: "rate-limited", message: "The model is busy.", retryable: true };
const refused: ModelFailure = { code: "refused", message: "The model refuses.", retryable: false };

const numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"];

function eventsOf(reply: ReplyPlan, { tools }: ModelRequest, nth: number): readonly TimedEvent[] {
  const { firstMs, wordMs, words } = reply;
  const text = numbers
    .slice(0, words)
    .map((number) => `word ${number}`)
    .join(". ");
  const calls = reply.tools.map((name, index) => ({ name, id: modelCallIdOf(nth, index) }));
  const spoken = said(text, { firstMs, wordMs }).slice(0, -1);
  switch (reply.end) {
    case "stalls":
      return words === 0 ? stuck() : spoken;
    case "fails":
      return [...spoken, ...failed(refused, words === 0 ? firstMs : 0)];
    case "fails-for-now":
      return [...spoken, ...failed(busy, words === 0 ? firstMs : 0)];
    case "finished":
      return tools.length === 0 || calls.length === 0
        ? said(text, { firstMs, wordMs })
        : called(calls, { say: text, firstMs, callMs: wordMs });
  }
}
