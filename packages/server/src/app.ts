import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CallId, defaultTeam, flatTool, isMcp, type Refusal } from "@offhook/protocol";
import type { Recovered } from "./calls/calls.ts";
import { setClock, type SetClock, steadyClock, systemClock, within } from "./clock.ts";
import { answerPeer } from "./cluster/answer-peer.ts";
import { type ClusterNode, joinNodes } from "./cluster/node.ts";
import { openWays, type Ways } from "./cluster/open-ways.ts";
import { routedCalls } from "./cluster/routed-calls.ts";
import { wakingBus } from "./cluster/waking-bus.ts";
import type { Config, StoreConfig } from "./config.ts";
import { openEgress } from "./delivery/egress.ts";
import { sendSample } from "./delivery/sample.ts";
import { openHttp } from "./http/http.ts";
import { hashKey, makeKey } from "./http/keys.ts";
import { openMetricsPort } from "./http/metrics.ts";
import { openAuthenticator, openKeyring } from "./http/auth.ts";
import type { HttpParts } from "./http/parts.ts";
import { problemOf } from "./http/problem.ts";
import { noApi, openWithoutApi } from "./http/without-api.ts";
import { openLive } from "./live/live.ts";
import { noLive } from "./live/no-live.ts";
import { serve } from "./live/server.ts";
import { liveTokens } from "./live/token.ts";
import { pinoLog } from "./log/pino-log.ts";
import { openModels } from "./models/pick-model.ts";
import { tracedModel } from "./models/traced-model.ts";
import { openPage } from "./page/page.ts";
import { systemRandom } from "./random.ts";
import { retain } from "./retention/retention.ts";
import type { Store } from "./store.ts";
import { openPrometheus, type Prometheus } from "./telemetry/prometheus.ts";
import { tryTool } from "./tools/try-tool.ts";
import { sealedStore } from "./store/sealed-store.ts";
import { openSealOf } from "./store/secret-key.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import { openRooms, type Ports } from "./rooms.ts";

/** A server that runs. */
export type App = {
  /** Where it is found from this machine, without a slash at the end. */
  url: string;
  /** A link that signs in at the page once, within an hour; null when the page is not built. */
  signInUrl: string | null;
  /** A key that was made at this start, to be shown once; null when there was one. */
  newKey: string | null;
  /** Calls of an earlier start: those that go on, and those that were finished and are reported now. */
  recovered: Recovered;
  /**
   * Takes no new calls, lets the live ones go on for the drain's time or until
   * it is to hurry, ends them with their reports, delivers what it can, and lets
   * go of everything.
   */
  close(hurry?: AbortSignal): Promise<void>;
};

/** How the parts are opened that stand between the server and the disk, and the server and the network. */
export type Openers = { store: (where: StoreConfig) => Promise<Store>; egress: typeof openEgress };
const openers: Openers = { store: openStore, egress: openEgress };

/** Opens every part in order, connects them, and listens. When a later part fails, what was opened is closed in reverse. */
export async function openApp(config: Config, others: Partial<Openers> = {}): Promise<App> {
  const open = { ...openers, ...others };
  await using opened = new AsyncDisposableStack();
  if (config.collectorUrl !== undefined) {
    // Read only where it is wanted: it would take a tenth of the start.
    const { exportSpans } = await import("./telemetry/otlp.ts");
    opened.defer(exportSpans(config.collectorUrl, version));
  }
  const { metrics, setTime, ways, ...ports } = await openPorts(config, opened, open);
  const rooms = openRooms({ ...ports, peers: ways.peers }, config);
  metrics.show({ liveCalls: () => rooms.calls.live, attemptsUnderWay: () => rooms.delivery.underWay });
  const newKey = await firstKey(ports, config.apiKey);
  const found = { url: "" };
  const asked = ways.peers.serve(answerPeer(rooms.calls, (question) => rooms.listeners.answerPeer(question)));
  opened.defer(() => asked.close());
  const node = await joinNodes({
    ...ports,
    ...rooms,
    steady: steadyClock,
    roles: config.roles,
    url: () => config.nodeUrl ?? found.url,
    setTime,
    standAs(nodeId) {
      asked.standAs(nodeId);
      rooms.listeners.standAs(nodeId);
    },
  });
  opened.defer(() => node.leave());
  if (config.roles.includes("delivery")) opened.defer(deliver({ ports, rooms, config, node }));
  const recovered = config.roles.includes("calls") ? await rooms.calls.recover() : nothing;
  const stopping = new AbortController();
  const keeping = retain(ports, config.retention, stopping.signal);
  opened.defer(() => {
    // Also where nothing was listened at: what keeps house would go on for ever.
    stopping.abort();
    return keeping;
  });
  const standing = () => (rooms.calls.takesCalls ? (node.holds ? "open" : "adrift") : "stopping");
  opened.defer(() => rooms.listeners.close());
  const served = await openDoor({ ports, rooms, config, metrics, standing, ways, node });
  opened.defer(() => served.close());
  await openMetrics(metrics, config, opened);
  found.url = served.url;
  await node.tell();
  // Closed first: clients still hear how their calls end.
  opened.defer(() => rooms.calls.stop(config.stopMs));
  opened.defer(() => stopping.abort());
  const stack = opened.move();
  const close = async (hurry?: AbortSignal): Promise<void> => {
    const drained = rooms.calls.drain(config.drainMs, hurry);
    if (await node.hasOther("calls")) await node.handOver();
    // A request on a connection that is kept must not meet its end.
    if (await node.hasOther("api")) await served.retire(hurry);
    await drained;
    await stack.disposeAsync();
  };
  const { url, signInUrl } = served;
  return { url, signInUrl, newKey, recovered, close };
}

const nothing: Recovered = { takenUp: 0, finished: 0 };

type Delivering = { ports: Ports; rooms: Rooms; config: Config; node: ClusterNode };

/** Delivers until what is answered is called; where there is another to do it, what is left is left to that one. */
function deliver({ ports, rooms, config, node }: Delivering): () => Promise<void> {
  const running = new AbortController();
  const delivering = rooms.delivery.run(running.signal);
  return async () => {
    if (!(await node.hasOther("delivery"))) await rooms.delivery.drained(config.stopMs);
    running.abort();
    await within(ports.clock, config.stopMs, delivering);
  };
}

/** Opens the engines behind the ports. */
async function openPorts(
  config: Config,
  opened: AsyncDisposableStack,
  open: Openers,
): Promise<Ports & { metrics: Prometheus; setTime: SetClock["set"]; ways: Ways }> {
  const random = systemRandom;
  const log = pinoLog({ ...config.log, version });
  const engine = await open.store(config.store);
  opened.defer(() => engine.close());
  // Several servers go by the store's clock, whatever their machines say.
  const shared = setClock(steadyClock, systemClock.now());
  const clock = engine.isShared ? shared : systemClock;
  const folder = config.dataFolder;
  const seal = await openSealOf({ store: engine, folder, key: config.secretKey, random });
  const store = withKey(sealedStore(engine, seal), config.apiKey);
  const egress = open.egress({ rules: config.egress, clock, proxy: config.egressProxy });
  opened.defer(() => egress.close());
  const model = tracedModel(openModels({ servers: config.models, fetch: egress.fetch, clock, log }));
  const metrics = openPrometheus({ store, clock });
  const ways = await openWays({ store, nats: config.bus, clock, random, log });
  opened.defer(() => ways.close());
  const isSender = !store.isShared || config.roles.includes("delivery");
  const bus = isSender ? ways.bus : wakingBus(ways.bus, clock);
  const setTime: SetClock["set"] = (now, doubtMs) => shared.set(now, doubtMs);
  return { clock, random, log, store, bus, egress, model, telemetry: metrics, metrics, setTime, ways };
}

async function openStore(store: StoreConfig): Promise<Store> {
  if (store.kind === "sqlite") return openSqliteStore(store.path);
  // Read only where it is wanted, as most servers have the embedded store.
  const { openPostgresStore } = await import("./store/postgres/postgres-store.ts");
  return openPostgresStore(store.url);
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
  ways: Ways;
  node: ClusterNode;
};

/** Opens the HTTP API and the live sockets, or what a server has without them. */
async function openDoor(given: DoorParts) {
  const { ports, rooms, config, ways, node } = given;
  const { clock, random, log, store } = ports;
  const tokens = liveTokens(await store.keepSecret({ name: "live-token", value: random.token(32) }));
  const stopping = new AbortController();
  const listening: { url: string | undefined } = { url: config.publicUrl };
  const looking = await openLooking(ports);
  const { peers, door } = ways;
  const { roles } = config;
  const parts = {
    ...httpParts(given),
    ...looking,
    calls: routedCalls(rooms.calls, { ...ports, peers, roles, nodeId: () => node.nodeId }),
    authenticate: openAuthenticator(ports),
    liveToken: (callId: CallId) => tokens.make(callId),
    publicUrl: () => listening.url ?? "",
    stopping: stopping.signal,
  };
  const hasApi = roles.includes("api");
  const open = hasApi ? openHttp(parts) : openWithoutApi(parts);
  const live = hasApi ? openLive({ ...ports, ...parts, tokens, problemOf }) : closedLive;
  const fetch: typeof open.fetch = (request, ...more) => door(request) ?? open.fetch(request, ...more);
  const served = await serve({
    app: { fetch },
    live,
    problemOf,
    host: config.host,
    port: config.port,
    clock,
    log,
  });
  listening.url ??= served.url;
  const { page } = looking;
  return {
    url: served.url,
    signInUrl: hasApi && page.files.isBuilt ? `${listening.url}${page.signInPath(defaultTeam)}` : null,
    retire: (hurry?: AbortSignal) => served.retire(hurry),
    close: () => {
      stopping.abort();
      return served.close();
    },
  };
}

const closedLive = noLive(problemOf(noApi));

/** What the HTTP API is made of, but for what only its door knows. */
function httpParts({ ports, rooms, metrics, standing }: DoorParts) {
  const { clock, random, egress, bus } = ports;
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
    wakeDelivery: () => {
      delivery.wake();
      bus.wake();
    },
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
