import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultTeam, flatTool, isMcp, type Refusal } from "@offhook/protocol";
import { analyse } from "./analysis/analyse.ts";
import { limits as analysisLimits } from "./analysis/limits.ts";
import { AnalysisQueue, widthFor } from "./analysis/queue.ts";
import { openAssistants } from "./assistants/assistants.ts";
import type { Bus } from "./bus.ts";
import { openBus } from "./bus/in-process.ts";
import type { Calls } from "./calls/calls.ts";
import { openCalls } from "./calls/call-room.ts";
import type { WhoRules } from "./calls/who-answers.ts";
import { chatChannel } from "./channels/chat.ts";
import { type Clock, systemClock, within } from "./clock.ts";
import type { Config } from "./config.ts";
import { attempt } from "./delivery/attempt.ts";
import { Destinations } from "./delivery/destination.ts";
import { type Lookup, systemLookup } from "./delivery/egress-lookup.ts";
import type { Egress } from "./delivery/egress-port.ts";
import { faultsOfTls } from "./delivery/egress-tls.ts";
import { openEgress } from "./delivery/egress.ts";
import { openDelivery } from "./delivery/delivery.ts";
import type { GuardRules } from "./delivery/guard.ts";
import { mayConnect } from "./delivery/may-connect.ts";
import { sendSample } from "./delivery/sample.ts";
import { openHttp } from "./http/http.ts";
import { hashKey, makeKey } from "./http/keys.ts";
import { openMetricsPort } from "./http/metrics.ts";
import { openAuthenticator, openKeyring } from "./http/auth.ts";
import type { HttpParts } from "./http/parts.ts";
import { problemOf } from "./http/problem.ts";
import { noApi, openWithoutApi } from "./http/without-api.ts";
import { Listeners } from "./listening/listeners.ts";
import { listenerEgress, listenerUrl } from "./listening/listener-egress.ts";
import { openLive } from "./live/live.ts";
import { noLive } from "./live/no-live.ts";
import { serve } from "./live/server.ts";
import { liveTokens } from "./live/token.ts";
import type { Log } from "./log.ts";
import { pinoLog } from "./log/pino-log.ts";
import type { Model, Prices } from "./model.ts";
import { openModels } from "./models/pick-model.ts";
import { tracedModel } from "./models/traced-model.ts";
import { openPage } from "./page/page.ts";
import { type Random, systemRandom } from "./random.ts";
import { retain } from "./retention/retention.ts";
import type { Store } from "./store.ts";
import type { Telemetry } from "./telemetry.ts";
import { openPrometheus, type Prometheus } from "./telemetry/prometheus.ts";
import { lazyMcp } from "./tools/mcp-port.ts";
import { tryTool } from "./tools/try-tool.ts";
import { sealedStore } from "./store/sealed-store.ts";
import { openSealOf } from "./store/secret-key.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";

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
  const listeners = new Listeners(clock);
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

/** A server that runs. */
export type App = {
  /** Where it is found from this machine, without a slash at the end. */
  url: string;
  /** A link that signs in at the page once, within an hour; null when the page is not built. */
  signInUrl: string | null;
  /** A key that was made at this start, to be shown once; null when there was one. */
  newKey: string | null;
  /** Calls of an earlier start that were finished, and are reported now. */
  recovered: number;
  /**
   * Takes no new calls, lets the live ones go on for the drain's time or until
   * it is to hurry, ends them with their reports, delivers what it can, and lets
   * go of everything.
   */
  close(hurry?: AbortSignal): Promise<void>;
};

/** How the parts are opened that stand between the server and the disk, and the server and the network. */
export type Openers = { store: typeof openSqliteStore; egress: typeof openEgress };
const openers: Openers = { store: openSqliteStore, egress: openEgress };

/** Opens every part in order, connects them, and listens. When a later part fails, what was opened is closed in reverse. */
export async function openApp(config: Config, open: Openers = openers): Promise<App> {
  await using opened = new AsyncDisposableStack();
  if (config.collectorUrl !== undefined) {
    // Read only where it is wanted: it would take a tenth of the start.
    const { exportSpans } = await import("./telemetry/otlp.ts");
    opened.defer(exportSpans(config.collectorUrl, version));
  }
  const { metrics, ...ports } = await openPorts(config, opened, open);
  const { clock } = ports;
  const rooms = openRooms(ports, config);
  metrics.show({ liveCalls: () => rooms.calls.live, attemptsUnderWay: () => rooms.delivery.underWay });
  const newKey = await firstKey(ports, config.apiKey);
  const running = new AbortController();
  const delivering = rooms.delivery.run(running.signal);
  opened.defer(async () => {
    await rooms.delivery.drained(config.stopMs);
    running.abort();
    await within(clock, config.stopMs, delivering);
  });
  const recovered = await rooms.calls.recover();
  const stopping = new AbortController();
  const keeping = retain(ports, config.retention, stopping.signal);
  opened.defer(() => {
    // Also where nothing was listened at: what keeps house would go on for ever.
    stopping.abort();
    return keeping;
  });
  const served = await openDoor({
    ports,
    rooms,
    config,
    metrics,
    standing: () => (rooms.calls.takesCalls ? "open" : "stopping"),
  });
  opened.defer(() => served.close());
  await openMetrics(metrics, config, opened);
  // Closed first: clients still hear how their calls end.
  opened.defer(() => rooms.calls.stop(config.stopMs));
  opened.defer(() => stopping.abort());
  const stack = opened.move();
  const close = async (hurry?: AbortSignal): Promise<void> => {
    await rooms.calls.drain(config.drainMs, hurry);
    await stack.disposeAsync();
  };
  const { url, signInUrl } = served;
  return { url, signInUrl, newKey, recovered, close };
}

/** Opens the engines behind the ports. */
async function openPorts(
  config: Config,
  opened: AsyncDisposableStack,
  open: Openers,
): Promise<Ports & { metrics: Prometheus }> {
  const clock = systemClock;
  const random = systemRandom;
  const log = pinoLog({ ...config.log, version });
  const engine = await open.store(config.storePath);
  opened.defer(() => engine.close());
  const folder = dirname(config.storePath);
  const seal = await openSealOf({ store: engine, folder, key: config.secretKey, random });
  const store = withKey(sealedStore(engine, seal), config.apiKey);
  const egress = open.egress({ rules: config.egress, clock, proxy: config.egressProxy });
  opened.defer(() => egress.close());
  const model = tracedModel(openModels({ servers: config.models, fetch: egress.fetch, clock, log }));
  const metrics = openPrometheus({ store, clock });
  return { clock, random, log, store, bus: openBus(log), egress, model, telemetry: metrics, metrics };
}

/** Shows the figures on a port of their own, if one was chosen. */
async function openMetrics(metrics: Prometheus, config: Config, opened: AsyncDisposableStack): Promise<void> {
  if (config.metricsPort === undefined) return;
  const served = await openMetricsPort(metrics, { host: config.host, port: config.metricsPort });
  opened.defer(() => served.close());
}

type Rooms = ReturnType<typeof openRooms>;

type DoorParts = {
  ports: Ports;
  rooms: Rooms;
  config: Config;
  metrics: Prometheus;
  standing: HttpParts["standing"];
};

/** Opens the HTTP API and the live sockets, or what a server has without them. */
async function openDoor(given: DoorParts) {
  const { ports, rooms, config } = given;
  const { clock, random, log, store } = ports;
  const tokens = liveTokens(await store.keepSecret({ name: "live-token", value: random.token(32) }));
  const stopping = new AbortController();
  const listening: { url: string | undefined } = { url: config.publicUrl };
  const looking = await openLooking(ports);
  const parts: HttpParts = {
    ...httpParts(given),
    ...looking,
    authenticate: openAuthenticator(ports),
    liveToken: (callId) => tokens.make(callId),
    publicUrl: () => listening.url ?? "",
    stopping: stopping.signal,
  };
  const hasApi = config.roles.includes("api");
  const app = hasApi ? openHttp(parts) : openWithoutApi(parts);
  const live = hasApi ? openLive({ ...ports, ...parts, calls: rooms.calls, tokens, problemOf }) : closedLive;
  const served = await serve({ app, live, problemOf, host: config.host, port: config.port, clock, log });
  listening.url ??= served.url;
  const { page } = looking;
  return {
    url: served.url,
    signInUrl: hasApi && page.files.isBuilt ? `${listening.url}${page.signInPath(defaultTeam)}` : null,
    close: () => {
      stopping.abort();
      return served.close();
    },
  };
}

const closedLive = noLive(problemOf(noApi));

/** What the HTTP API is made of, but for what only its door knows. */
function httpParts({ ports, rooms, metrics, standing }: DoorParts) {
  const { clock, random, egress } = ports;
  const { assistants, delivery } = rooms;
  return {
    ...ports,
    ...rooms,
    version,
    metrics,
    standing,
    testTool: async ({ teamId, toolId, arguments: given }) => {
      const tool = await assistants.tools.find(teamId, toolId);
      if (tool === undefined) return undefined;
      return isMcp(tool) ? notTried : tryTool({ egress, clock, random }, flatTool(tool), given);
    },
    sendSample: (given) => sendSample({ egress, clock, random }, given),
    wakeDelivery: () => delivery.wake(),
  } satisfies Partial<HttpParts>;
}

const notTried: Refusal = {
  refused: "invalid",
  detail: "The tools of an MCP server are listed and called in a call: try them there.",
};

/** The page, and whether those who look at it still may. */
async function openLooking({ store, clock, random }: Ports): Promise<Pick<HttpParts, "page" | "knowsKey">> {
  const teamOfKey = openKeyring({ store, clock });
  const secret = await store.keepSecret({ name: "session", value: random.token(32) });
  return {
    page: await openPage({ folder: pageFolder, secret }, { clock, random }),
    knowsKey: async (hash) => (await teamOfKey(hash)) !== undefined,
  };
}

/** Lets in the key of the configuration, for as long as it is there. */
function withKey(store: Store, apiKey: string | undefined): Store {
  if (apiKey === undefined) return store;
  const hash = hashKey(apiKey);
  const owner = { teamId: defaultTeam, name: "OFFHOOK_API_KEY" };
  return {
    ...store,
    findKey: async (query) => (query.hash === hash ? owner : store.findKey(query)),
    async deleteKey(query) {
      if (query.teamId !== defaultTeam) return store.deleteKey(query);
      return hash.startsWith(query.hashBegin) ? "configured" : store.deleteKey({ ...query, mayBeLast: true });
    },
  };
}

/** Makes the first key of a store that has none, if the configuration brings none either. */
async function firstKey({ store, clock, random }: Ports, apiKey: string | undefined): Promise<string | null> {
  if (apiKey !== undefined || (await store.countKeys()) > 0) return null;
  const key = makeKey(random);
  await store.saveKey({ hash: hashKey(key), teamId: defaultTeam, name: "first key", createdAt: clock.now() });
  return key;
}

/** Where `npm run build` puts the page; it is packed with the server. */
const pageFolder = fileURLToPath(new URL("../dist/page", import.meta.url));

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const version =
  typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0";
