import type { Peers } from "../peers.ts";

/** Asks by the first way, and where that has certainly reached nobody, by the next. Is asked by all of them. */
export function firstOf(first: Peers, second: Peers): Peers {
  return {
    async ask(peer, question) {
      const answered = await first.ask(peer, question);
      const isUndone = "unreached" in answered && answered.unreached === "nobody";
      return isUndone ? second.ask(peer, question) : answered;
    },
    serve(answer) {
      const doors = [first.serve(answer), second.serve(answer)];
      return {
        standAs(nodeId) {
          for (const door of doors) door.standAs(nodeId);
        },
        close() {
          for (const door of doors) door.close();
        },
      };
    },
  };
}
