import { limits } from "./limits.ts";
import { isBehind } from "./playback.ts";
import type { Live, Setup, State, StateOf, Turn } from "./state.ts";

/** Why a call must be woken. */
export type Deadline =
  | { kind: "connect"; at: number }
  | { kind: "max-duration"; at: number }
  | { kind: "warning"; at: number }
  | { kind: "idle"; at: number }
  | { kind: "hang"; at: number }
  | { kind: "first-content"; at: number }
  | { kind: "reply"; at: number }
  | { kind: "tool"; at: number; toolCallId: string }
  | { kind: "filler"; at: number; toolCallId: string }
  | { kind: "user-speech"; at: number }
  | { kind: "playback"; at: number }
  | { kind: "goodbye"; at: number };

/** When the state must be woken at the latest, and why; only `ended` never. Times are epoch ms. */
export function nextDeadline(state: State): Deadline | undefined {
  let next: Deadline | undefined;
  for (const deadline of deadlines(state)) if (next === undefined || deadline.at < next.at) next = deadline;
  return next;
}

function deadlines(state: State): Deadline[] {
  switch (state.name) {
    case "queued":
      return [{ kind: "connect", at: state.connectBy }];
    case "listening":
      return [...ofTheCall(state.core), ...idleDeadline(state)];
    case "thinking":
      return [
        ...ofTheCall(state.core),
        { kind: "first-content", at: state.reply.requestedAt + limits.firstContentMaxMs },
        ...hangDeadline(state),
      ];
    case "replying":
      return [
        ...ofTheCall(state.core),
        { kind: "reply", at: state.reply.requestedAt + limits.replyMaxMs },
        ...speechHangDeadline(state),
      ];
    case "held":
      return ofTheCall(state.core);
    case "acting":
      return [...ofTheCall(state.core), ...toolDeadlines(state), ...hangDeadline(state)];
    case "speaking":
      return [...ofTheCall(state.core), ...speechHangDeadline(state)];
    case "closing":
      return [goodbyeDeadline(state), ...ofSpeech(state.core)];
    case "ended":
      return [];
  }
}

/** Nobody is hung up on who speaks during the assistant's own goodbye, as long as the call may last. */
function goodbyeDeadline({ core, ending, giveUpAt }: StateOf<"closing">): Deadline {
  const mayGoOn = ending.by === "assistant" && core.user.kind === "speaking";
  return { kind: "goodbye", at: mayGoOn ? Math.max(giveUpAt, core.endsAt) : giveUpAt };
}

function ofTheCall(core: Live): Deadline[] {
  const { endsAt, warnAt } = core;
  const warning: Deadline[] = warnAt === undefined ? [] : [{ kind: "warning", at: warnAt }];
  return [{ kind: "max-duration", at: endsAt }, ...warning, ...ofSpeech(core)];
}

/** The user may not speak for ever, nor the channel play nothing; while the user has the floor nothing is to be played. */
function ofSpeech({ user, playback }: Live): Deadline[] {
  if (user.kind === "speaking") {
    const ceiling: Deadline = { kind: "user-speech", at: user.since + limits.userSpeechMaxMs };
    if (user.floor === "taken") return [ceiling];
    return [ceiling, ...playbackDeadline(playback)];
  }
  return playbackDeadline(playback);
}

function playbackDeadline(playback: Live["playback"]): Deadline[] {
  return isBehind(playback) ? [{ kind: "playback", at: playback.movedAt + limits.playbackStallMaxMs }] : [];
}

/** Whether the silence of the user leads to something: idle messages, or an end without any. */
export function isIdleWatched({ idle }: Setup): boolean {
  return idle.messages.length > 0 || idle.messagesMax === 0;
}

function idleDeadline({ core, since }: StateOf<"listening">): Deadline[] {
  const { user, setup, attention } = core;
  if (user.kind === "speaking" || attention === "muted") return [];
  if (user.kind === "away" && !isIdleWatched(setup)) return [];
  return [{ kind: "idle", at: since + setup.idle.timeoutMs }];
}

function hangDeadline({ turn, core }: { turn: Turn; core: Live }): Deadline[] {
  const isDue = turn.hang.kind === "none" && core.user.kind !== "speaking";
  return isDue ? [{ kind: "hang", at: turn.quietSince + core.setup.hangThresholdMs }] : [];
}

/** What was given to the channel and is not heard is silence too. */
function speechHangDeadline({ turn, core }: { turn: Turn | undefined; core: Live }): Deadline[] {
  return turn !== undefined && isBehind(core.playback) ? hangDeadline({ turn, core }) : [];
}

function toolDeadlines(state: StateOf<"acting">): Deadline[] {
  return state.calls.flatMap((call): Deadline[] => {
    if (call.kind !== "pending") return [];
    const { toolCallId, giveUpAt, fillers } = call;
    const [filler] = fillers;
    const due: Deadline = { kind: "tool", at: giveUpAt, toolCallId };
    return filler === undefined ? [due] : [due, { kind: "filler", at: filler.at, toolCallId }];
  });
}
