import type { CallId, Happening, HappeningOf, Message, TeamId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { Reply } from "./calls.ts";

/**
 * Watches for the turn that the user's next words begin, and gathers what the
 * assistant says in it. Watch before the words are told; `stop` if they are refused.
 */
export function watchReply(
  bus: Bus,
  whom: { teamId: TeamId; callId: CallId },
  text: string,
): { reply: Promise<Reply>; stop: () => void } {
  const messages: Message[] = [];
  let state: Watched = { kind: "before" };
  let settle: (reply: Reply) => void = () => undefined;
  const reply = new Promise<Reply>((resolve) => (settle = resolve));
  const settleWith = (ended: Reply): void => {
    settle(ended);
    stop();
  };
  const stop = bus.watch(whom, (news) => {
    if (news.kind !== "entries") return;
    for (const { what } of news.entries) {
      if (state.kind === "before" && isSaid(what, text)) {
        state = begunBy(what);
      } else if (state.kind === "waiting" && what.type === "turn-started" && what.cause === "user") {
        state = { kind: "in", turnId: what.turnId };
      } else if (state.kind === "waiting" && isMute(what)) {
        state = { kind: "unanswered" };
      } else if (state.kind === "in" && what.type === "message-added" && what.message.role === "assistant") {
        messages.push(what.message);
      } else if (state.kind === "in" && what.type === "turn-ended" && what.turnId === state.turnId) {
        return settleWith({ messages, outcome: what.outcome });
      } else if (what.type === "status-changed" && what.status === "finished") {
        return settleWith({ messages, outcome: "call-ended" });
      }
      if (state.kind === "unanswered") return settleWith({ messages, outcome: "unanswered" });
    }
  });
  return { reply, stop };
}

type Watched =
  | { kind: "before" }
  /** The words were heard, and a later turn answers them. */
  | { kind: "waiting" }
  | { kind: "in"; turnId: string }
  | { kind: "unanswered" };

function isSaid(what: Happening, text: string): what is HappeningOf<"message-added"> {
  return what.type === "message-added" && what.message.role === "user" && what.message.text === text;
}

function begunBy({ turnId, waits }: HappeningOf<"message-added">): Watched {
  if (turnId !== undefined) return { kind: "in", turnId };
  return waits ? { kind: "waiting" } : { kind: "unanswered" };
}

/** Muted, the assistant does not answer what waits either. */
function isMute(what: Happening): boolean {
  return what.type === "control-received" && what.control["type"] === "mute";
}
