import type { CallId, Refusal, TeamId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { CallDoors, Calls, Connecting, Heard } from "../calls/calls.ts";
import { journalOfCall } from "../calls/journal-tail.ts";
import { followReply } from "../calls/reply.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallQuestion, Peer, PeerAnswer, Peers } from "../peers.ts";
import type { Random } from "../random.ts";
import type { NodeRole, Store } from "../store.ts";

const routingLimits = {
  /** How often the store is looked at for a reply of which nobody tells. */
  replyLookEveryMs: 1_000,
  /** How long a reply is followed: longer than anybody waits for it. */
  replyFollowMaxMs: 65_000,
  /** Servers that are asked for one new call. */
  connectTriesMax: 3,
} as const;

export type RoutedParts = {
  store: Pick<Store, "isShared" | "holderOf" | "nodes" | "findCall" | "entriesOfCall" | "entriesOfTeam">;
  peers: Peers;
  bus: Bus;
  clock: Clock;
  random: Random;
  log: Log;
  roles: readonly NodeRole[];
  /** The node that this server is now. */
  nodeId: () => string;
};

type Local = CallDoors & Pick<Calls, "holds" | "takesCalls">;

/** The calls of all servers that share the store, asked where they are held. Where the store is not shared, the calls of this one. */
export function routedCalls(local: Local, parts: RoutedParts): CallDoors {
  return parts.store.isShared ? new RoutedCalls(local, parts) : local;
}

type Whom = { teamId: TeamId; callId: CallId };

class RoutedCalls implements CallDoors {
  readonly #local: Local;
  readonly #parts: RoutedParts;

  constructor(local: Local, parts: RoutedParts) {
    this.#local = local;
    this.#parts = parts;
  }

  async control(given: Parameters<CallDoors["control"]>[0]): Promise<Refusal | undefined> {
    if (this.#local.holds(given)) return this.#local.control(given);
    return refusalIn(await this.#askHolder({ ask: "control", ...given }));
  }

  async leave(whom: Whom): Promise<Refusal | undefined> {
    if (this.#local.holds(whom)) return this.#local.leave(whom);
    return refusalIn(await this.#askHolder({ ask: "leave", ...whom }));
  }

  async hear(given: Whom & { text: string }): Promise<Heard | Refusal> {
    if (this.#local.holds(given)) {
      const heard = await this.#local.hear(given);
      return "refused" in heard ? heard : this.#heard(given, heard.after);
    }
    const answer = await this.#askHolder({ ask: "hear", ...given });
    if ("refused" in answer) return answer;
    return answer.answer === "heard" ? this.#heard(given, answer.after) : (refusalIn(answer) ?? takingOver);
  }

  async look(whom: Whom): ReturnType<CallDoors["look"]> {
    if (this.#local.holds(whom)) return this.#local.look(whom);
    // It only adds to what is shown: without it the rest is shown all the same.
    const answer = await this.#askHolder({ ask: "look", ...whom }).catch(() => takingOver);
    return "answer" in answer && answer.answer === "looked" ? (answer.state ?? undefined) : undefined;
  }

  async connect(given: Connecting): ReturnType<CallDoors["connect"]> {
    const { roles, random, log } = this.#parts;
    if (this.#local.takesCalls && roles.includes("calls")) return this.#local.connect(given);
    const { idempotencyKey = random.uuid(), teamId, body } = given;
    let isUnknown = false;
    for (const peer of await this.#takers()) {
      const answer = await this.#parts.peers.ask(peer, { ask: "connect", teamId, body, idempotencyKey });
      if ("answer" in answer && answer.answer === "connected") return answer.call;
      const refusal = "answer" in answer ? refusalIn(answer) : undefined;
      if (refusal !== undefined && refusal.refused !== "stopping") return refusal;
      isUnknown ||= "unreached" in answer && answer.unreached === "no-answer";
      log.warn("a server did not take a new call; the next is asked", { nodeId: peer.nodeId });
    }
    // Under its caller's own key it may be asked for again; under ours nobody could.
    return isUnknown && given.idempotencyKey === undefined ? outcomeUnknown : nobodyTakes;
  }

  /** Its reply is read from the journal when somebody wants it: the call may move to another server meanwhile. */
  #heard(given: Whom & { text: string }, after: number): Heard {
    const { clock } = this.#parts;
    const { replyLookEveryMs: lookEveryMs, replyFollowMaxMs: limitMs } = routingLimits;
    const journal = journalOfCall(this.#parts, given);
    const follow = () => followReply({ journal, after, text: given.text, clock, lookEveryMs, limitMs });
    let reply: ReturnType<typeof follow> | undefined;
    return {
      after,
      get reply() {
        return (reply ??= follow());
      },
    };
  }

  /** Other servers that take calls, those with the fewest first. */
  async #takers(): Promise<Peer[]> {
    const nodes = await this.#parts.store.nodes();
    const self = this.#parts.nodeId();
    return nodes
      .filter(({ nodeId, roles, takesCalls }) => nodeId !== self && takesCalls && roles.includes("calls"))
      .toSorted((one, other) => one.live - other.live)
      .slice(0, routingLimits.connectTriesMax);
  }

  async #askHolder(question: CallQuestion): Promise<PeerAnswer | Refusal> {
    const holder = await this.#parts.store.holderOf(question);
    if (holder === undefined || holder.nodeId === this.#parts.nodeId()) return this.#unheld(question);
    const answer = await this.#parts.peers.ask(holder, question);
    if ("unreached" in answer) {
      const { ask, callId } = question;
      const { nodeId } = holder;
      this.#parts.log.warn("the server that holds a call was not reached", {
        ask,
        callId,
        nodeId,
        ...answer,
      });
      return answer.unreached === "nobody" || isRepeatable(ask) ? takingOver : outcomeUnknown;
    }
    return answer.answer === "elsewhere" ? this.#unheld(question) : answer;
  }

  /** Why nobody holds a call: there is none, it is over, or it is between two servers. */
  async #unheld({ teamId, callId }: Whom): Promise<Refusal> {
    const call = await this.#parts.store.findCall({ teamId, callId });
    if (call === undefined) return { refused: "not-found", detail: `There is no call ${callId}.` };
    return call.status === "finished" ? finished : takingOver;
  }
}

/** Whether it does no harm to do it twice: then who asked may just ask again. */
function isRepeatable(ask: CallQuestion["ask"]): boolean {
  return ask === "leave" || ask === "look";
}

function refusalIn(answer: PeerAnswer | Refusal): Refusal | undefined {
  if ("refused" in answer) return answer;
  return answer.answer === "refused" ? answer.refusal : undefined;
}

const finished: Refusal = {
  refused: "call-finished",
  detail: "The call is finished: start another.",
};

const takingOver: Refusal = {
  refused: "taking-over",
  detail: "The server that held this call does not answer; in a moment another has taken it: try again then.",
};

const outcomeUnknown: Refusal = {
  refused: "outcome-unknown",
  detail:
    "The server that was asked did not answer in time. It may have been done: look before you ask again.",
};

const nobodyTakes: Refusal = {
  refused: "over-capacity",
  detail: "No server takes new calls at the moment: try again in a moment.",
};
