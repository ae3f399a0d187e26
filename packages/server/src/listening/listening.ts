import type { Listened, ListenedToolCall, ListenerAnswer, TeamId } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { ListenerQuestion, PeerAnswer, Peers, Unreached } from "../peers.ts";
import type { Store } from "../store.ts";
import { Announcer } from "./announcer.ts";
import { listeningLimits } from "./limits.ts";
import { type Attached, Listeners, type Sought } from "./listeners.ts";
import { type Found, Presence } from "./presence.ts";
import { offeredOf, outcomeThere } from "./remote-offer.ts";
import type { Outcome } from "./tool-call.ts";

export type ListeningParts = {
  clock: Clock;
  log: Log;
  store: Pick<Store, "isShared" | "nodes">;
  /** The way to the servers that share the store; none where it is not shared. */
  peers?: Peers | undefined;
};

/** What became of an answer. `unknown`: not everybody was reached who may wait for it. */
export type AnswerHeard = "heard" | "not-waited-for" | "unknown";

/** Those who take tool calls in the place of a Server URL, at this server and at all that share its store. */
export class Listening {
  readonly #parts: ListeningParts;
  readonly #here: Listeners;
  readonly #presence: Presence;
  readonly #announcer: Announcer | undefined;
  /** Tool calls that are at listeners of other servers, by node. */
  readonly #offers = new Map<string, number>();
  #nodeId = "";

  constructor(parts: ListeningParts) {
    this.#parts = parts;
    const { clock, store, peers } = parts;
    this.#here = new Listeners(clock, () => this.#announcer?.tell());
    this.#presence = new Presence(clock);
    if (store.isShared && peers !== undefined)
      this.#announcer = new Announcer({ ...parts, peers, listeners: () => this.#here.told });
  }

  /** From now on this server is that node. */
  standAs(nodeId: string): void {
    this.#nodeId = nodeId;
    this.#announcer?.standAs(nodeId);
  }

  attach(teamId: TeamId, assistants: Listened): Attached {
    return this.#here.attach(teamId, assistants);
  }

  has(sought: Sought): boolean {
    return this.#here.since(sought) !== undefined || this.#presence.newest(sought) !== undefined;
  }

  /** Offers a tool call to the newest who listens, wherever; `untaken` when nobody has begun it. Never throws. */
  async offer(sought: Sought, call: ListenedToolCall, signal?: AbortSignal): Promise<Outcome> {
    const there = this.#presence.newest(sought);
    const isThere = there !== undefined && there.since > (this.#here.since(sought) ?? -Infinity);
    return isThere
      ? this.#offerTo(there, call, { ...sought, signal })
      : this.#here.offer(sought, call, signal);
  }

  /** What a listener says of a tool call, whichever server waits for it. Fails as the store does. */
  async answer(teamId: TeamId, toolCallId: string, answer: ListenerAnswer): Promise<AnswerHeard> {
    if (this.#here.answer(teamId, toolCallId, answer)) return "heard";
    const { store, peers } = this.#parts;
    if (!store.isShared || peers === undefined) return "not-waited-for";
    const others = (await store.nodes()).filter(
      ({ nodeId, roles }) => nodeId !== this.#nodeId && roles.includes("api"),
    );
    const question = { ask: "answer", teamId, toolCallId, answer } as const;
    return heardByOne(others.map((peer) => peers.ask(peer, question)));
  }

  /** Answers another server. */
  async answerPeer(question: ListenerQuestion): Promise<PeerAnswer> {
    switch (question.ask) {
      case "listen":
        this.#presence.hear(question);
        return { answer: "done" };
      case "answer": {
        const { teamId, toolCallId, answer } = question;
        return { answer: this.#here.answer(teamId, toolCallId, answer) ? "done" : "elsewhere" };
      }
      case "offer": {
        const { teamId, call } = question;
        const { assistantId } = call;
        return offeredOf(await this.#here.offer({ teamId, assistantId }, call));
      }
    }
  }

  async close(): Promise<void> {
    this.#presence.close();
    await this.#announcer?.close();
  }

  async #offerTo(
    { peer, silent }: Found,
    call: ListenedToolCall,
    { teamId, signal }: Sought & { signal: AbortSignal | undefined },
  ): Promise<Outcome> {
    const { peers, clock, log } = this.#parts;
    const { nodeId } = peer;
    const underWay = this.#offers.get(nodeId) ?? 0;
    if (peers === undefined || underWay >= listeningLimits.toolCallsMax) return "untaken";
    this.#offers.set(nodeId, underWay + 1);
    const asked = peers.ask(peer, { ask: "offer", teamId: teamId as TeamId, call });
    const outcome = await outcomeThere(asked, { clock, call, silent, signal });
    const left = (this.#offers.get(nodeId) ?? 1) - 1;
    if (left > 0) this.#offers.set(nodeId, left);
    else this.#offers.delete(nodeId);
    const { id, callId } = call;
    if (outcome === "untaken")
      log.warn("a listener at another server did not take a tool call", { callId, toolCallId: id, nodeId });
    return outcome;
  }
}

/** Settles with the first that heard it; that nobody waits for it is known when all have said so. */
function heardByOne(asked: readonly Promise<PeerAnswer | Unreached>[]): Promise<AnswerHeard> {
  const first = Promise.withResolvers<"heard">();
  const answers = asked.map(async (one) => {
    const answered = await one;
    if (isAnswer(answered, "done")) first.resolve("heard");
    return answered;
  });
  return Promise.race([first.promise, heardByAll(answers)]);
}

async function heardByAll(asked: readonly Promise<PeerAnswer | Unreached>[]): Promise<AnswerHeard> {
  const answers = await Promise.all(asked);
  if (answers.some((one) => isAnswer(one, "done"))) return "heard";
  return answers.every((one) => isAnswer(one, "elsewhere")) ? "not-waited-for" : "unknown";
}

function isAnswer(answered: PeerAnswer | Unreached, answer: PeerAnswer["answer"]): boolean {
  return "answer" in answered && answered.answer === answer;
}
