import type { State, StateOf } from "./state.ts";
import { limits } from "./limits.ts";

/** Why a call must be woken. */
export type Deadline =
  | { kind: "connect"; at: number }
  | { kind: "max-duration"; at: number }
  | { kind: "hang"; at: number }
  | { kind: "first-content"; at: number }
  | { kind: "reply"; at: number }
  | { kind: "tool"; at: number; toolCallId: string }
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
      return [{ kind: "max-duration", at: state.core.endsAt }];
    case "thinking":
      return [
        { kind: "max-duration", at: state.core.endsAt },
        { kind: "first-content", at: state.reply.requestedAt + limits.firstContentMaxMs },
        ...hangDeadline(state),
      ];
    case "replying":
      return [
        { kind: "max-duration", at: state.core.endsAt },
        { kind: "reply", at: state.reply.requestedAt + limits.replyMaxMs },
      ];
    case "acting":
      return [
        { kind: "max-duration", at: state.core.endsAt },
        ...toolDeadlines(state),
        ...hangDeadline(state),
      ];
    case "closing":
      return [{ kind: "goodbye", at: state.giveUpAt }];
    case "ended":
      return [];
  }
}

function hangDeadline(state: StateOf<"thinking"> | StateOf<"acting">): Deadline[] {
  const { turn, core } = state;
  return turn.hang.kind === "none"
    ? [{ kind: "hang", at: turn.quietSince + core.setup.hangThresholdMs }]
    : [];
}

function toolDeadlines(state: StateOf<"acting">): Deadline[] {
  return state.calls.flatMap((call) =>
    call.kind === "pending"
      ? [{ kind: "tool" as const, at: call.giveUpAt, toolCallId: call.toolCallId }]
      : [],
  );
}
