import { analyse } from "./analysis/analyse.ts";
import { limits as analysisLimits } from "./analysis/limits.ts";
import { AnalysisQueue, widthFor } from "./analysis/queue.ts";
import { openAssistants } from "./assistants/assistants.ts";
import type { Bus } from "./bus.ts";
import type { Calls } from "./calls/calls.ts";
import { openCalls } from "./calls/call-room.ts";
import type { WhoRules } from "./calls/who-answers.ts";
import { chatChannel } from "./channels/chat.ts";
import type { Clock } from "./clock.ts";
import { attempt } from "./delivery/attempt.ts";
import { Destinations } from "./delivery/destination.ts";
import { type Lookup, systemLookup } from "./delivery/egress-lookup.ts";
import type { Egress } from "./delivery/egress-port.ts";
import { faultsOfTls } from "./delivery/egress-tls.ts";
import { openDelivery } from "./delivery/delivery.ts";
import type { GuardRules } from "./delivery/guard.ts";
import { mayConnect } from "./delivery/may-connect.ts";
import { listenerEgress, listenerUrl } from "./listening/listener-egress.ts";
import { Listening } from "./listening/listening.ts";
import type { Log } from "./log.ts";
import type { Model, Prices } from "./model.ts";
import type { Peers } from "./peers.ts";
import type { Random } from "./random.ts";
import type { Store } from "./store.ts";
import type { Telemetry } from "./telemetry.ts";
import { lazyMcp } from "./tools/mcp-port.ts";

/** The ports that the rooms stand on. */
export type Ports = {
  clock: Clock;
  random: Random;
  log: Log;
  store: Store;
  bus: Bus;
  egress: Egress;
  model: Model;
  telemetry: Telemetry;
  /** The way to other servers; none where there are none. */
  peers?: Peers;
  /** A chat's line, where it is another than the server's own. */
  chat?: typeof chatChannel;
};

export type Rules = {
  egress: GuardRules;
  /** Live calls at once: in all, and of one team (unless it is given, the same). */
  callsMax: number;
  teamCallsMax?: number;
  /** Analyses that may ask models at once. */
  analysesMax?: number;
  /** What models cost, by `provider/model`. */
  prices?: Prices;
  /** Who is asked about calls that name no assistant; nobody, unless it is given. */
  who?: WhoRules;
  /** Asked when an address is saved; the system's, unless another is given. */
  lookup?: Lookup;
};

const analysesMaxDefault = 8;

/** Connects the rooms to each other; nothing runs yet. */
export function openRooms(ports: Ports, rules: Rules) {
  const { clock, random, log, store, egress, model, telemetry } = ports;
  const lookup = async (host: string): Promise<string[]> =>
    (await (rules.lookup ?? systemLookup)(host)).map(({ address }) => address);
  const checkAddress = (url: string) => mayConnect({ rules: rules.egress, clock, lookup }, url);
  const assistants = openAssistants({ store, clock, random, checkAddress, checkTls: faultsOfTls });
  const destinations = new Destinations(store, clock);
  const delivery = openDelivery({
    store,
    clock,
    random,
    log,
    telemetry,
    post: async ({ lane, letter, attempt: number, signal }) => {
      const server = await destinations.of(lane);
      const { retryAfterMs, ...made } = await attempt(egress, {
        server,
        id: letter.id,
        body: letter.body,
        attempt: number,
        clock,
        random,
        signal,
      });
      return { attempt: made, retryAfterMs };
    },
  });
  const listeners = new Listening(ports);
  const { callsMax, teamCallsMax = callsMax, analysesMax = analysesMaxDefault, prices = {} } = rules;
  const queue = new AnalysisQueue({
    width: () => widthFor({ live: calls.live, callsMax, analysesMax }),
    waitingMax: analysisLimits.waitingMax,
  });
  const calls: Calls = openCalls({
    ...ports,
    chat: ports.chat ?? chatChannel,
    bus: counted(ports.bus, telemetry),
    assistants,
    capacity: { callsMax, teamCallsMax },
    prices,
    who: rules.who ?? { server: undefined, defaultAssistantId: undefined },
    mcp: lazyMcp(async () => {
      const { openMcp } = await import("./tools/mcp.ts");
      return openMcp({ fetch: egress.fetch, clock });
    }),
    handOver: (handover) => delivery.handOver(handover),
    told: (callId, limitMs) => delivery.told(callId, limitMs),
    listener: (sought) => {
      const way = listenerEgress({ listeners, egress, clock }, sought);
      return way && { egress: way, url: listenerUrl };
    },
    analyse: (given) => analyse({ model, clock, queue }, given),
  });
  return { assistants, delivery, calls, listeners };
}

/** What is written in journals is counted as it is told. */
function counted(bus: Bus, telemetry: Telemetry): Bus {
  return {
    watch: (whom, hear) => bus.watch(whom, hear),
    wake: () => bus.wake(),
    onWake: (hear) => bus.onWake(hear),
    publish(news) {
      if (news.kind === "entries") for (const entry of news.entries) telemetry.happened(entry);
      bus.publish(news);
    },
  };
}
