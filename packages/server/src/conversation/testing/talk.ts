import type { Control, Happening, Json, ToolOutcome } from "@offhook/protocol";
import type { ModelFailure, ModelName } from "../../model.ts";
import { nextDeadline } from "../deadline.ts";
import type { Effect, ModelAsk } from "../effect.ts";
import type { Event, ReadToolCall } from "../event.ts";
import { limits } from "../limits.ts";
import { queued, type Setup, type State } from "../state.ts";
import { step, type Step } from "../step.ts";
import { lineOfEffect, lineOfEntry } from "./lines.ts";
import { callId, setup } from "./setup.ts";

export const start = 1_000_000;

/** One step as it was taken. */
export type Taken = {
  before: State;
  event: Event;
  now: number;
  after: State;
  entries: readonly Happening[];
  effects: readonly Effect[];
};

/** A call that has just been queued, to be talked through. */
export function talk(changes: Partial<Setup> = {}): Talk {
  return new Talk(setup(changes));
}

/** A call whose line stands. */
export function connected(changes: Partial<Setup> = {}): Talk {
  return talk(changes).connects();
}

/** Sends events to a call, and keeps what came of them. Each verb is one event, now. */
export class Talk {
  now = start;
  state: State;
  readonly steps: Taken[] = [];
  readonly replyIds: string[] = [];
  readonly toolCalls: { id: string; name: string }[] = [];
  readonly answered = new Set<string>();
  /** Tool calls that were really sent. */
  readonly sent = new Set<string>();
  /** What was given to the channel, by message. */
  readonly said = new Map<string, string>();

  constructor(given: Setup) {
    this.state = queued({ id: callId, setup: given, connectBy: start + limits.connectMaxMs });
  }

  send(event: Event): this {
    return this.#note(this.state, event, step(this.state, event, this.now));
  }

  /** Another server goes on with it; the line that it opens says that it stands. */
  goesOn(taken: Step): this {
    return this.#note(this.state, { type: "connected" }, taken);
  }

  #note(before: State, event: Event, { state, entries, effects }: Step): this {
    this.state = state;
    this.steps.push({ before, event, now: this.now, after: state, entries, effects });
    for (const entry of entries) this.#noteEntry(entry);
    for (const effect of effects) this.#noteEffect(effect);
    return this;
  }

  connects = (): this => this.send({ type: "connected" });
  hears = (text: string): this => this.send({ type: "heard", text });
  leaves = (): this => this.send({ type: "left" });
  loses = (): this => this.send({ type: "lost" });
  stops = (): this => this.send({ type: "stopped" });
  wakes = (): this => this.send({ type: "deadline-passed" });
  control = (control: Control): this => this.send({ type: "controlled", control });

  modelSays(text: string, replyId = this.lastReply): this {
    return this.send({ type: "model-text", replyId, text });
  }

  modelBeginsCall(name: string, replyId = this.lastReply): this {
    return this.send({ type: "model-tool-call-begun", replyId, name });
  }

  modelFinishes(...toolCalls: ReadToolCall[]): this {
    return this.send({ type: "model-finished", replyId: this.lastReply, toolCalls });
  }

  modelFailsOver(to: ModelName): this {
    const failure = { code: "unreachable", message: "No way there.", retryable: true } as const;
    return this.send({ type: "model-failed-over", replyId: this.lastReply, failure, to });
  }

  modelFails(failure: ModelFailure, replyId = this.lastReply): this {
    return this.send({ type: "model-failed", replyId, failure });
  }

  /** A whole reply: its text, if any, and its tool calls. */
  modelReplies(text: string, ...toolCalls: ReadToolCall[]): this {
    if (text !== "") this.modelSays(text);
    return this.modelFinishes(...toolCalls);
  }

  /** A tool call, by its number, has a result. */
  toolAnswers(count: number, result: Json): this {
    return this.toolEnds(count, { kind: "result", result, understoodAs: "result-json" });
  }

  toolEnds(count: number, outcome: ToolOutcome): this {
    return this.send({ type: "tool-answered", toolCallId: this.toolCallId(count), outcome });
  }

  /** A voice on the user's side, without words yet. */
  begins = (): this => this.send({ type: "speech-began" });
  /** Words that may still change. */
  utters = (text: string): this => this.send({ type: "hearing", text });
  /** The voice was nothing. */
  fallsSilent = (): this => this.send({ type: "speech-ended" });

  /** So much of what is said was heard, by its text. */
  plays(text: string, messageId = this.lastSaid): this {
    return this.send({ type: "playing", messageId, characters: text.length });
  }

  playsOut(messageId = this.lastSaid): this {
    return this.send({ type: "played", messageId });
  }

  waits(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Lets time pass until the call must be woken, and wakes it. */
  waitsForDeadline(): this {
    this.now = nextDeadline(this.state)?.at ?? this.now;
    return this.wakes();
  }

  get lastReply(): string {
    return this.replyIds.at(-1) ?? "reply_nobody_0";
  }

  get lastSaid(): string {
    return [...this.said.keys()].at(-1) ?? "msg_nobody_0";
  }

  toolCallId(count: number): string {
    return this.toolCalls[count - 1]?.id ?? `tool_nobody_${count}`;
  }

  get entries(): Happening[] {
    return this.steps.flatMap(({ entries }) => entries);
  }

  get effects(): Effect[] {
    return this.steps.flatMap(({ effects }) => effects);
  }

  /** Everything that was written, in short lines. */
  get journal(): string[] {
    return this.entries.map(lineOfEntry);
  }

  /** What the last step wrote. */
  get wrote(): string[] {
    return this.steps.at(-1)?.entries.map(lineOfEntry) ?? [];
  }

  /** What the last step has done. */
  get did(): string[] {
    return this.steps.at(-1)?.effects.map(lineOfEffect) ?? [];
  }

  /** The last request to the model. */
  get request(): ModelAsk | undefined {
    return this.effects.findLast((effect) => effect.type === "ask-model")?.request;
  }

  /** What the model was given last, in short lines. */
  get given(): string[] {
    return this.request?.messages.map((item) => `${item.role}: ${item.text}`) ?? [];
  }

  /** Whether the last step changed nothing at all. */
  get unchanged(): boolean {
    const last = this.steps.at(-1);
    return (
      last !== undefined &&
      last.after === last.before &&
      last.entries.length === 0 &&
      last.effects.length === 0
    );
  }

  /** The whole talk for people, one line a step. */
  get story(): string {
    return this.steps
      .map(({ before, event, now, after, entries, effects }) => {
        const came = [
          ...entries.map(lineOfEntry),
          ...effects.map((effect) => `→ ${lineOfEffect(effect)}`),
        ].join("; ");
        return `${now - start} ms, ${before.name}: ${shown(event)} ⇒ ${after.name}. ${came}`.slice(0, 400);
      })
      .join("\n");
  }

  #noteEntry(entry: Happening): void {
    if (entry.type === "model-requested") this.replyIds.push(entry.replyId);
    if (entry.type === "tool-requested") this.toolCalls.push({ id: entry.toolCallId, name: entry.name });
    if (entry.type === "tool-answered") this.answered.add(entry.toolCallId);
  }

  #noteEffect(effect: Effect): void {
    if (effect.type === "ask-tool") this.sent.add(effect.toolCallId);
    if (effect.type !== "say") return;
    this.said.set(effect.messageId, (this.said.get(effect.messageId) ?? "") + effect.text);
  }
}

function shown(event: Event): string {
  const { type, ...rest } = event;
  return `${type} ${JSON.stringify(rest).slice(0, 120)}`;
}
