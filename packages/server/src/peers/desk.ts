import type { Log } from "../log.ts";
import { type AnswerPeer, type PeerAnswer, peerLimits } from "../peers.ts";
import { readAsked, writeAnswer } from "./wire.ts";

/** Lets so many in at a time. */
export class Gate {
  #inside = 0;

  /** Does it, unless too many are at it. */
  async pass<Value>(act: () => Promise<Value>, otherwise: Value): Promise<Value> {
    if (this.#inside >= peerLimits.underWayMax) return otherwise;
    this.#inside += 1;
    try {
      return await act();
    } finally {
      this.#inside -= 1;
    }
  }
}

const elsewhere: PeerAnswer = { answer: "elsewhere" };

/** Reads what is asked, has it answered, and writes the answer. */
export class Desk {
  readonly #answer: AnswerPeer;
  readonly #log: Log;
  readonly #gate = new Gate();
  #nodeId = "";

  constructor(answer: AnswerPeer, log: Log) {
    this.#answer = answer;
    this.#log = log;
  }

  standAs(nodeId: string): void {
    this.#nodeId = nodeId;
  }

  /**
   * The answer, in so many bytes at most. What is asked of another node, or
   * cannot be read, is not done here, and the answer says so. Undefined: nobody
   * knows what became of it.
   */
  async take(text: string, bytesMax: number): Promise<string | undefined> {
    const asked = readAsked(text);
    if (asked === undefined || asked.to !== this.#nodeId) return writeAnswer(elsewhere, bytesMax);
    try {
      return writeAnswer(await this.#gate.pass(() => this.#answer(asked.question), elsewhere), bytesMax);
    } catch (error) {
      this.#log.error("a question of another server failed", { ask: asked.question.ask, error });
      return undefined;
    }
  }
}
