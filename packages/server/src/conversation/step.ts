import type { Happening } from "@offhook/protocol";
import { answer, writeAnswer } from "./act.ts";
import { connect } from "./begin.ts";
import { steer } from "./control.ts";
import type { Effect, Out } from "./effect.ts";
import { hangUp } from "./end.ts";
import type { Event, EventOf, EventType } from "./event.ts";
import { beginSpeech, hearWords } from "./floor.ts";
import { hearAsked, hearClosing, hearListening, hearMeanwhile, hearQueued, hearSpeaking } from "./hear.ts";
import { played, playing } from "./heard.ts";
import { late } from "./late.ts";
import { failOver } from "./fail-over.ts";
import { silenceOfUser } from "./pause.ts";
import { begin, fail, say, whole } from "./reply.ts";
import type { Ending, Live, State, StateName, StateOf } from "./state.ts";

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
type Standing = Exclude<Going, { name: "queued" }>;

function voice(state: Standing, core: Live): State {
  return core === state.core ? state : { ...state, core };
}

/** Cells that are the same wherever the line stands. */
const whileLive = {
  connected: same,
  "speech-began": (state: Standing, _event: unknown, out: Out) => voice(state, beginSpeech(state.core, out)),
  hearing: (state: Standing, event: EventOf<"hearing">, out: Out) =>
    voice(state, hearWords(state.core, event.text, out)),
  "speech-ended": (state: Standing, _event: unknown, out: Out) => silenceOfUser(state, out),
  playing: (state: Standing, event: EventOf<"playing">, out: Out) => playing(state, event, out),
  played: (state: Standing, event: EventOf<"played">, out: Out) => played(state, event, out),
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
};

/** Cells of the states in which there is no line. */
const unheard = {
  "speech-began": same,
  hearing: same,
  "speech-ended": same,
  playing: same,
  played: same,
  "tool-answered": same,
};

const table: Table = {
  queued: {
    ...whileLive,
    ...unasked,
    ...unheard,
    connected: (state, _event, out) => connect(state, out),
    heard: (state, event, out) => hearQueued(state, event.text, out),
    left: (state, _event, out) => hangUp(state, { reason: "canceled", by: "user" }, out),
  },
  listening: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearListening(state, event.text, out),
  },
  thinking: {
    ...whileLive,
    heard: (state, event, out) => hearAsked(state, event.text, out),
    "model-text": (state, event, out) => (isOf(state, event) ? say(state, event.text, out) : state),
    "model-tool-call-begun": (state, event, out) => (isOf(state, event) ? begin(state, out) : state),
    "model-finished": (state, event, out) => (isOf(state, event) ? whole(state, event, out) : state),
    "model-failed-over": (state, event, out) => (isOf(state, event) ? failOver(state, event, out) : state),
    "model-failed": (state, event, out) => (isOf(state, event) ? fail(state, event.failure, out) : state),
  },
  replying: {
    ...whileLive,
    heard: (state, event, out) => hearAsked(state, event.text, out),
    "model-text": (state, event, out) => (isOf(state, event) ? say(state, event.text, out) : state),
    "model-tool-call-begun": same,
    "model-finished": (state, event, out) => (isOf(state, event) ? whole(state, event, out) : state),
    "model-failed-over": same,
    "model-failed": (state, event, out) => (isOf(state, event) ? fail(state, event.failure, out) : state),
  },
  held: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearAsked(state, event.text, out),
  },
  acting: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearMeanwhile(state, event.text, out),
    "tool-answered": (state, event, out) =>
      isWaitedFor(state, event) ? answer(state, event, out) : recordErrand(state, event, out),
  },
  speaking: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearSpeaking(state, event.text, out),
  },
  closing: {
    ...whileLive,
    ...unasked,
    heard: (state, event, out) => hearClosing(state, event.text, out),
  },
  ended: {
    ...unasked,
    ...unheard,
    connected: same,
    heard: same,
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
  const { toolCallId, outcome, http } = event;
  const reached = http === undefined ? {} : { http };
  const answered = {
    toolCallId,
    name: errand.name,
    outcome,
    elapsedMs: out.now - errand.askedAt,
    ...reached,
  };
  if (state.name === "ended") out.entries.push({ type: "tool-answered", ...answered });
  else writeAnswer(answered, out);
  const background = state.core.background.filter((one) => one !== errand);
  return withBackground(state, background);
}

function withBackground<Of extends State>(state: Of, background: State["core"]["background"]): Of {
  return { ...state, core: { ...state.core, background } };
}
