import { type AnswerPeer, peerLimits, type PeerAnswer, type Peers } from "../../peers.ts";
import { readAnswer, readAsked, writeAnswer, writeAsked } from "../wire.ts";

/** Servers of one process that ask each other; those in `away` are not reached, and those in `mute` do it without an answer. */
export class PeersInProcess {
  readonly away = new Set<string>();
  readonly mute = new Set<string>();
  readonly #nodes = new Map<string, AnswerPeer>();

  open(): Peers {
    let stands = "";
    return {
      ask: async ({ nodeId }, question) => {
        if (nodeId === stands) throw new Error("a server asks itself");
        const answer = this.away.has(nodeId) ? undefined : this.#nodes.get(nodeId);
        if (answer === undefined) return { unreached: "nobody" };
        const text = writeAsked({ to: nodeId, question });
        if (Buffer.byteLength(text) > peerLimits.bytesMax) return { unreached: "nobody" };
        const asked = readAsked(text);
        if (asked === undefined) return { answer: "elsewhere" };
        const answered = await answer(asked.question).then(sent, () => undefined);
        const isHeard = answered !== undefined && !this.mute.has(nodeId);
        return isHeard ? answered : { unreached: "no-answer" };
      },
      serve: (answer) => {
        return {
          standAs: (nodeId) => {
            this.#nodes.delete(stands);
            stands = nodeId;
            this.#nodes.set(nodeId, answer);
          },
          close: () => void this.#nodes.delete(stands),
        };
      },
    };
  }
}

function sent(answer: PeerAnswer): PeerAnswer | undefined {
  return readAnswer(writeAnswer(answer, peerLimits.bytesMax));
}
