import { defaultTeam } from "@offhook/protocol";
import type { Bus } from "../../bus.ts";
import { openBus } from "../../bus/in-process.ts";
import type { CallId, Call } from "@offhook/protocol";
import { PeersInProcess } from "../../peers/testing/in-process.ts";
import type { NodeNote, NodeRole, Store } from "../../store.ts";
import { openLocalStore } from "../../store/sqlite/sqlite-store.ts";
import { openHouse } from "../../testing/house.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { virtualClock } from "../../testing/virtual-clock.ts";
import { answerPeer } from "../answer-peer.ts";
import { routedCalls } from "../routed-calls.ts";

/** Servers of one process that share a store, each a node of its own; who holds a call is what {@link Cluster.holders} says. */
export class Cluster {
  readonly clock = virtualClock();
  readonly ways = new PeersInProcess();
  /** A call is held by who opened it, until a test says something else. */
  readonly holders = new Map<CallId, string>();
  /** Nodes that are there. */
  readonly notes = new Map<string, NodeNote>();
  readonly #engine = openLocalStore();
  readonly #random = seededRandom();

  /** A server that joins; `bus` where it has one of its own. */
  join(nodeId: string, { roles = ["api", "calls", "delivery"], bus = openBus() }: Joining = {}) {
    const store = this.#storeOf(nodeId);
    const peers = this.ways.open();
    const house = openHouse({ clock: this.clock, store, bus, random: this.#random, peers });
    peers.serve(answerPeer(house.calls, (question) => house.listeners.answerPeer(question))).standAs(nodeId);
    house.listeners.standAs(nodeId);
    const { log, clock, random } = house;
    const parts = { store, peers, bus, clock, random, log, roles, nodeId: () => nodeId };
    const note = { nodeId, url: `http://${nodeId}`, roles, live: 0, takesCalls: roles.includes("calls") };
    this.notes.set(nodeId, note);
    return { ...house, doors: routedCalls(house.calls, parts) };
  }

  /** Nobody reaches it any more, and its lease is over. */
  lose(nodeId: string): void {
    this.ways.away.add(nodeId);
    this.notes.delete(nodeId);
  }

  #storeOf(nodeId: string): Store {
    return {
      ...this.#engine,
      isShared: true,
      openJournal: (opening) => {
        this.holders.set(opening.callId, nodeId);
        return this.#engine.openJournal(opening);
      },
      holderOf: async ({ callId }) =>
        this.#holderOf(await this.#engine.findCall({ teamId: defaultTeam, callId })),
      nodes: async () => [...this.notes.values()],
    };
  }

  #holderOf(call: Call | undefined): NodeNote | undefined {
    if (call === undefined || call.metrics !== null) return undefined;
    return this.notes.get(this.holders.get(call.id as CallId) ?? "");
  }
}

type Joining = { roles?: NodeRole[]; bus?: Bus };
