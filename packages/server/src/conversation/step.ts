import { answer, writeAnswer } from "./act.ts";
import { connect } from "./begin.ts";
import { steer } from "./control.ts";
import type { Effect, Out } from "./effect.ts";
import { hangUp } from "./end.ts";
import type { Event, EventOf, EventType } from "./event.ts";
import { breakIn, hearMeanwhile, laterWords } from "./hear.ts";
import { drop } from "./interrupt.ts";
import { late } from "./late.ts";
import { failOver } from "./fail-over.ts";
import { begin, fail, finished, say } from "./reply.ts";
import { hear, takeAll } from "./rest.ts";
import type { Ending, State, StateName, StateOf } from "./state.ts";
import type { Happening } from "@offhook/protocol";

/** What came of a step. The entries go to the journal first, in this order; then the effects are performed, in this order. */
export type Step = { state: State; entries: readonly Happening[]; effects: readonly Effect[] };

type Cell<Name extends StateName, Type extends EventType> = (
  state: StateOf<Name>,
  event: EventOf<Type>,
  out: Out,
) => State;
type Row<Name extends StateName> = { [Type in EventType]: Cell<Name, Type> };
type Table = { [Name in StateName]: Row<Name> };

const same = (state: State): State => state;

const gone: Ending = { reason: "user-hung-up", by: "user" };
const lost: Ending = { reason: "channel-lost", by: "system" };
const stopped: Ending = { reason: "server-stopped", by: "system" };

type Going = Exclude<State, { name: "ended" }>;

/** Cells that are the same wherever the line stands. */
const whileLive = {
  connected: same,
  played: same,
  left: (state: Going, _event: unknown, out: Out) => hangUp(state, gone, out),
  lost: (state: Going, _event: unknown, out: Out) => hangUp(state, lost, out),
  stopped: (state: Going, _event: unknown, out: Out) => hangUp(state, stopped, out),
  controlled: (state: Going, event: EventOf<"controlled">, out: Out) => steer(state, event.control, out),
  "deadline-passed": (state: Going, _event: unknown, out: Out) => late(state, out),
  "tool-answered": recordErrand,
};

/** Cells of the states in which no model is asked. */
const unasked = {
  "model-text": same,
  "model-tool-call-begun": same,
  "model-finished": same,
  "model-failed-over": same,
  "model-failed": same,
  interrupted: same,
};

const table: Table = {
  queued: {
    ...whileLive,
    ...unasked,
    connected: (state, _event, out) => connect(state, out),
    heard: (state, event) => ({ ...state, core: laterWords(state.core, event.text) }),
    left: (state, _event, out) => hangUp(state, { reason: "canceled", by: "user" }, out),
    "tool-answered": same,
  },
  listening: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hear(state.core, event, out),
  },
  thinking: {
    ...whileLive,
    heard: (state, event, out) => breakIn(state, event.text, out),
    interrupted: same,
    "model-text": (state, event, out) => (isOf(state, event) ? say(state, event.text, out) : state),
    "model-tool-call-begun": (state, event, out) => (isOf(state, event) ? begin(state, out) : state),
    "model-finished": (state, event, out) => (isOf(state, event) ? finished(state, event, out) : state),
    "model-failed-over": (state, event, out) => (isOf(state, event) ? failOver(state, event, out) : state),
    "model-failed": (state, event, out) => (isOf(state, event) ? fail(state, event.failure, out) : state),
  },
  replying: {
    ...whileLive,
    heard: (state, event, out) => breakIn(state, event.text, out),
    interrupted: brokenOff,
    "model-text": (state, event, out) => (isOf(state, event) ? say(state, event.text, out) : state),
    "model-tool-call-begun": same,
    "model-finished": (state, event, out) => (isOf(state, event) ? finished(state, event, out) : state),
    "model-failed-over": same,
    "model-failed": (state, event, out) => (isOf(state, event) ? fail(state, event.failure, out) : state),
  },
  acting: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearMeanwhile(state, event.text, out),
    played: playedMeanwhile,
    "tool-answered": (state, event, out) =>
      isWaitedFor(state, event) ? answer(state, event, out) : recordErrand(state, event, out),
  },
  closing: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => ({ ...state, core: takeAll(state.core, { words: [event] }, out) }),
    played: (state, event, out) =>
      event.messageId === state.lastWords ? hangUp(state, state.ending, out) : state,
  },
  ended: {
    ...unasked,
    connected: same,
    heard: same,
    played: same,
    left: same,
    lost: same,
    stopped: same,
    controlled: same,
    "deadline-passed": same,
    "tool-answered": recordErrand,
  },
};

/** Decides what a call does about an event. Pure; `now` is epoch ms. */
export function step(state: State, event: Event, now: number): Step {
  const out: Out = { now, entries: [], effects: [] };
  const next = cellOf(state, event)(state, event, out);
  return { state: next, entries: out.entries, effects: out.effects };
}

/** The one place where the pairing of state and event, which the table guarantees, is lost to the compiler. */
function cellOf(state: State, event: Event): (state: State, event: Event, out: Out) => State {
  return table[state.name][event.type] as (state: State, event: Event, out: Out) => State;
}

function isOf(state: StateOf<"thinking"> | StateOf<"replying">, event: { replyId: string }): boolean {
  return state.reply.id === event.replyId;
}

function isWaitedFor(state: StateOf<"acting">, event: { toolCallId: string }): boolean {
  return state.calls.some((call) => call.kind === "pending" && call.toolCallId === event.toolCallId);
}

/** The answer of a tool that nobody waits for is recorded, and nothing else comes of it. */
function recordErrand(state: State, event: EventOf<"tool-answered">, out: Out): State {
  const errand = state.core.background.find(({ toolCallId }) => toolCallId === event.toolCallId);
  if (errand === undefined) return state;
  const { toolCallId, outcome } = event;
  const answered = { toolCallId, name: errand.name, outcome, elapsedMs: out.now - errand.askedAt };
  if (state.name === "ended") out.entries.push({ type: "tool-answered", ...answered });
  else writeAnswer(answered, out);
  const background = state.core.background.filter((one) => one !== errand);
  return withBackground(state, background);
}

function withBackground<Of extends State>(state: Of, background: State["core"]["background"]): Of {
  return { ...state, core: { ...state.core, background } };
}

/** The user broke in: the reply is cut where it was heard, and the call listens to what the user says. */
function brokenOff(state: StateOf<"replying">, event: EventOf<"interrupted">, out: Out): State {
  if (event.messageId !== state.reply.messageId || !state.core.setup.bargeIn) return state;
  return { name: "listening", core: drop(state, { outcome: "interrupted", heard: event.text }, out) };
}

/** The goodbye was heard while tools are still at work: it will not be waited for. */
function playedMeanwhile(state: StateOf<"acting">, event: EventOf<"played">): State {
  const { after } = state;
  if (after.kind !== "close" || after.lastWords !== event.messageId) return state;
  return { ...state, after: { ...after, lastWords: null } };
}
