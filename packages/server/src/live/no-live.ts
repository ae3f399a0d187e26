import type { Problem } from "@offhook/protocol";
import { answerBare } from "./bare-answer.ts";
import type { Live } from "./live.ts";

/** Lets nobody in, and says why. */
export function noLive(problem: Problem): Live {
  return {
    upgrade: (_request, socket) => {
      socket.on("error", () => undefined);
      answerBare(socket, problem);
    },
    close: () => undefined,
    sessions: 0,
  };
}
