import type { Control } from "@offhook/protocol";
import { nextDeadline } from "../deadline.ts";
import type { Event } from "../event.ts";
import { asks } from "./setup.ts";
import type { Deed, Plan, Wait, Whose } from "./moves.ts";
import { Talk } from "./talk.ts";

const nobody = "nobody_00000000-0000-4000-8000-000000000000_1";

/** Plays a plan: every move becomes the events that fit, or purposely do not fit, the call as it is then. */
export function play(plan: Plan): Talk {
  const call = new Talk(plan.setup);
  if (plan.opening) call.connects().plays("Good");
  for (const { wait, deed } of plan.moves) {
    pass(call, wait);
    perform(call, deed);
  }
  return call;
}

function pass(call: Talk, wait: Wait): void {
  if (wait.kind === "ms") call.now += wait.ms;
  else {
    const at = nextDeadline(call.state)?.at ?? call.now;
    // Waiting for the end of a call that only listens would end nearly every talk early.
    if (call.state.name === "listening" && at - call.now > 10_000) call.now += 1_000;
    else call.now = Math.max(call.now, at + wait.offMs);
  }
}

export function perform(call: Talk, deed: Deed): void {
  switch (deed.kind) {
    case "flood":
      for (let count = 0; count < deed.times; count += 1) call.send(floodOf(call, deed.what));
      // Words find a place where nothing else does.
      call.send(floodOf(call, "heard"));
      return;
    case "hold":
      call.begins();
      call.modelFinishes(...deed.toolCalls);
      return;
    case "goodbye":
      call.modelSays("Good bye, and thank you.");
      call.modelFinishes(...deed.others, asks("endCall"));
      call.plays("Good bye,");
      return;
    case "rounds":
      for (let count = 0; count < deed.times; count += 1) {
        call.modelFinishes(asks("book"));
        call.send(eventOf(call, { kind: "tool-answers", whose: "current", which: 0, outcome: done }));
      }
      return;
    default:
      call.send(eventOf(call, deed));
  }
}

const done = { kind: "result", result: "Done.", understoodAs: "result-text" } as const;

function floodOf(call: Talk, what: "heard" | "say" | "add-message"): Event {
  if (what === "heard") return { type: "heard", text: wordsOf(call) };
  if (what === "say") return { type: "controlled", control: { type: "say", message: "One moment." } };
  return {
    type: "controlled",
    control: { type: "add-message", role: "system", text: "A note.", respond: false },
  };
}

type Single = Exclude<Deed, { kind: "flood" | "goodbye" | "hold" | "rounds" }>;

function eventOf(call: Talk, deed: Single): Event {
  switch (deed.kind) {
    case "plain":
      return deed.type === "heard" ? { type: "heard", text: wordsOf(call) } : { type: deed.type };
    case "hum":
      return { type: "heard", text: "Hmm." };
    case "voice":
      return deed.type === "hearing" ? { type: "hearing", text: "well but then" } : { type: deed.type };
    case "play":
      return progress(call, deed);
    case "model-text":
      return { type: "model-text", replyId: replyId(call, deed.whose), text: deed.text };
    case "model-begins-call":
      return { type: "model-tool-call-begun", replyId: replyId(call, deed.whose), name: "book" };
    case "model-finishes":
      return { type: "model-finished", replyId: replyId(call, deed.whose), toolCalls: deed.toolCalls };
    case "model-fails":
      return { type: "model-failed", replyId: replyId(call, deed.whose), failure: deed.failure };
    case "tool-answers":
      return { type: "tool-answered", toolCallId: toolCallId(call, deed), outcome: deed.outcome };
    default:
      return { type: "controlled", control: controlOf(call, deed) };
  }
}

/** Words that no other event of the talk has. */
function wordsOf(call: Talk): string {
  return `words ${call.steps.length}`;
}

/** A channel tells only of what it was given: so many of its characters, or its end. */
function progress(call: Talk, { whose, share }: { whose: Whose; share: number }): Event {
  const id = messageId(call, whose);
  if (share === 1) return { type: "played", messageId: id };
  const length = call.said.get(id)?.length ?? 0;
  return { type: "playing", messageId: id, characters: Math.ceil(length * share) };
}

function replyId(call: Talk, whose: Whose): string {
  if (whose === "foreign") return `reply_${nobody}`;
  return call.replyIds.at(whose === "current" ? -1 : -2) ?? `reply_${nobody}`;
}

function messageId(call: Talk, whose: Whose): string {
  if (whose === "foreign") return `msg_${nobody}`;
  const [playing] = call.state.core.playback.queue;
  const stale = [...call.said.keys()].at(-2);
  return (whose === "current" ? playing?.messageId : stale) ?? `msg_${nobody}`;
}

function toolCallId(call: Talk, { whose, which }: { whose: Whose; which: number }): string {
  const foreign = `tool_${nobody}`;
  if (whose === "foreign") return foreign;
  const isWaiting = (id: string): boolean => call.sent.has(id) && !call.answered.has(id);
  const ids = call.toolCalls.flatMap(({ id }) => (isWaiting(id) === (whose === "current") ? [id] : []));
  return ids[which % Math.max(ids.length, 1)] ?? foreign;
}

function controlOf(
  call: Talk,
  deed: Extract<Single, { kind: "control" | "add-message" | "tool-result" }>,
): Control {
  if (deed.kind === "tool-result") {
    // Async calls stay open for a result though they were answered, so any call of this talk may do.
    const ids = call.toolCalls.map(({ id }) => id);
    const id = deed.whose === "foreign" ? undefined : ids[deed.which % Math.max(ids.length, 1)];
    return { type: "tool-result", toolCallId: id ?? `tool_${nobody}`, result: "It came." };
  }
  if (deed.kind === "add-message") {
    const { role, respond } = deed;
    return { type: "add-message", role, text: "Added.", ...(respond === undefined ? {} : { respond }) };
  }
  return plainControls[deed.type];
}

const plainControls = {
  say: { type: "say", message: "One moment." },
  end: { type: "end" },
  forward: { type: "forward", phoneNumber: "+492" },
  dtmf: { type: "dtmf", digits: "1" },
  mute: { type: "mute" },
  unmute: { type: "unmute" },
  update: { type: "update", prompt: "Be brief.", model: "macaw" },
} as const satisfies Record<string, Control>;
