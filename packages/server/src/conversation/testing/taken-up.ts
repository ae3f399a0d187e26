import { ok as must } from "node:assert/strict";
import type { Entry } from "@offhook/protocol";
import type fc from "fast-check";
import { nextDeadline } from "../deadline.ts";
import { readBack } from "../read-back.ts";
import type { Setup } from "../state.ts";
import { takeUp } from "../take-up.ts";
import type { Plan, Wait } from "./moves.ts";
import { plans } from "./moves.ts";
import { perform } from "./play.ts";
import { callId } from "./setup.ts";
import { start, Talk } from "./talk.ts";

/** Deeds that a chat does not know: it has no voice, and plays at once. */
const unknown: ReadonlySet<string> = new Set(["voice", "hold", "play"]);

/** Any chat. */
export const chats: fc.Arbitrary<Plan> = plans.map(({ setup, opening, moves }) => ({
  setup: { ...setup, playback: "instant" },
  opening,
  moves: moves.filter(({ deed }) => !unknown.has(deed.kind)),
}));

/** Plays a plan as the shell would: every deadline is met in time. */
export function playPunctually({ setup, opening, moves }: Plan): Talk {
  const call = new Talk(setup);
  if (opening) call.connects();
  playMoves(call, moves);
  return call;
}

export function playMoves(call: Talk, moves: Plan["moves"]): void {
  for (const { wait, deed } of moves) {
    passPunctually(call, wait);
    perform(call, deed);
  }
}

function passPunctually(call: Talk, wait: Wait): void {
  const at = nextDeadline(call.state)?.at ?? call.now;
  const isLong = call.state.name === "listening" && at - call.now > 10_000;
  const until = wait.kind === "ms" ? call.now + wait.ms : isLong ? call.now + 1_000 : at + wait.offMs;
  for (
    let due = nextDeadline(call.state);
    due !== undefined && due.at <= until;
    due = nextDeadline(call.state)
  ) {
    call.now = Math.max(call.now, due.at);
    call.wakes();
    if (call.unchanged) break;
  }
  call.now = Math.max(call.now, until);
}

/** The same call up to one of its steps. */
export function cutAfter(call: Talk, steps: number, setup: Setup): Talk {
  const cut = new Talk(setup);
  for (const { event, now } of call.steps.slice(0, steps)) {
    cut.now = now;
    cut.send(event);
  }
  return cut;
}

/** Its journal as it is on disk. */
export function journalOf(call: Talk): Entry[] {
  const first: Pick<Entry, "what" | "at"> = { what: { type: "variables-missing", names: [] }, at: start };
  const written = call.steps.flatMap(({ entries, now }) => entries.map((what) => ({ what, at: now })));
  return [first, ...written].map((entry, index) => ({ ...entry, seq: index + 1, sequence: null }));
}

/** Another server takes it up from its journal, after so long. */
export function takesUp(call: Talk, setup: Setup, pauseMs: number): Talk {
  call.now += pauseMs;
  const read = readBack({ id: callId, setup, entries: journalOf(call) }, call.now);
  must(read !== undefined, "it is not read back");
  return call.goesOn(takeUp({ ...read, pauseMs }, call.now));
}
