import type { CallId, Message, TeamId } from "@offhook/protocol";
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
  let state: { kind: "before" } | { kind: "in"; turnId: string } = { kind: "before" };
  let settle: (reply: Reply) => void = () => undefined;
  const reply = new Promise<Reply>((resolve) => (settle = resolve));
  const settleWith = (ended: Reply): void => {
    settle(ended);
    stop();
  };
  const stop = bus.watch(whom, (news) => {
    if (news.kind !== "entries") return;
    for (const { what } of news.entries) {
      if (what.type === "message-added" && what.message.role === "user" && what.message.text === text) {
        if (what.turnId === undefined) return settleWith({ messages, outcome: "unanswered" });
        state = { kind: "in", turnId: what.turnId };
      } else if (state.kind === "in" && what.type === "message-added" && what.message.role === "assistant") {
        messages.push(what.message);
      } else if (state.kind === "in" && what.type === "turn-ended" && what.turnId === state.turnId) {
        return settleWith({ messages, outcome: what.outcome });
      } else if (what.type === "status-changed" && what.status === "finished") {
        return settleWith({ messages, outcome: "call-ended" });
      }
    }
  });
  return { reply, stop };
}
