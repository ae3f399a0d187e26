import { defaultTeam, type JsonObject, type TeamId } from "@offhook/protocol";
import { openAssistants } from "../../assistants/assistants.ts";
import { openBus } from "../../bus/in-process.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { type LiveParts, openLive } from "../../live/live.ts";
import { serve } from "../../live/server.ts";
import { liveTokens } from "../../live/token.ts";
import { Listening } from "../../listening/listening.ts";
import type { Log, LogFields } from "../../log.ts";
import { openPage } from "../../page/page.ts";
import { systemRandom } from "../../random.ts";
import type { Store } from "../../store.ts";
import { openLocalStore } from "../../store/sqlite/sqlite-store.ts";
import { openPrometheus } from "../../telemetry/prometheus.ts";
import { openAuthenticator } from "../auth.ts";
import { openHttp } from "../http.ts";
import { hashKey, makeKey } from "../keys.ts";
import type { HttpParts } from "../parts.ts";
import { problemOf } from "../problem.ts";
import { FakeCalls } from "./fake-calls.ts";

export type TestServer = Awaited<ReturnType<typeof openServer>>;

/** Another team than the default one, with a key of its own. */
const otherTeam = "other" as TeamId;

export type Noted = { level: keyof Log; message: string; fields: LogFields | undefined };

type Given = { clock?: Clock; store?: Store; pageFolder?: string } & Partial<
  Pick<HttpParts, "knowsKey" | "testTool" | "sendSample" | "listeners">
>;

/** The API on a real port, on a store in memory, with calls in which nothing happens by itself. */
export async function openServer({
  clock = systemClock,
  store = openLocalStore(),
  pageFolder = "/nowhere",
  ...more
}: Given = {}) {
  const random = systemRandom;
  const noted: Noted[] = [];
  const log = notingLog(noted);
  const bus = openBus(log);
  const assistants = openAssistants({ store, clock, random, checkAddress, checkTls: () => [] });
  const calls = new FakeCalls({ store, bus, clock, random, assistants });
  const tokens = liveTokens("the server's own secret");
  const authenticate = openAuthenticator({ store, clock });
  const page = await openTestPage(pageFolder, clock);
  const stop = new AbortController();
  let publicUrl = "";
  let woken = 0;
  const app = openHttp({
    calls,
    assistants,
    store,
    bus,
    clock,
    random,
    log,
    authenticate,
    knowsKey: async (hash) => (await store.findKey({ hash })) !== undefined,
    page,
    liveToken: (callId) => tokens.make(callId),
    testTool: async () => undefined,
    sendSample: async ({ type }) => ({ sent: type }),
    listeners: new Listening({ clock, log, store }),
    ...more,
    wakeDelivery: () => (woken += 1),
    publicUrl: () => publicUrl,
    version: "0.0.0-test",
    ...figures(store, clock),
    standing: () => (stop.signal.aborted ? "stopping" : "open"),
    stopping: stop.signal,
  });
  const parts: LiveParts = { calls, store, bus, clock, log, authenticate, tokens, problemOf };
  const live = openLive(parts);
  const served = await serve({ app, live, problemOf, port: 0, host: "127.0.0.1", clock: systemClock, log });
  publicUrl = served.url;
  const key = await keyFor(store, defaultTeam);
  const { url, port } = served;
  const opened = { url, port, app, store, calls, bus, assistants, live, tokens, page, noted, key };
  return {
    ...opened,
    otherKey: await keyFor(store, otherTeam),
    woken: () => woken,
    stop: () => stop.abort(),
    async close() {
      stop.abort();
      await served.close();
      await store.close();
    },
  };
}

function figures(store: Store, clock: Clock): Pick<HttpParts, "telemetry" | "metrics"> {
  const metrics = openPrometheus({ store, clock });
  return { telemetry: metrics, metrics };
}

function openTestPage(folder: string, clock: Clock) {
  return openPage({ folder, secret: "another of the server's own" }, { clock, random: systemRandom });
}

async function keyFor(store: Store, teamId: TeamId): Promise<string> {
  const key = makeKey(systemRandom);
  await store.saveKey({ hash: hashKey(key), teamId, name: "test", createdAt: 1 });
  return key;
}

/** Addresses on this machine may not be connected to. */
async function checkAddress(url: string): Promise<string | undefined> {
  return new URL(url).hostname === "127.0.0.1" ? "127.0.0.1 is this machine" : undefined;
}

function notingLog(noted: Noted[]): Log {
  const note = (level: keyof Log) => (message: string, fields?: LogFields) =>
    void noted.push({ level, message, fields });
  return { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
}

/** A small assistant. */
export const smallAssistant: JsonObject = {
  name: "Reception",
  assistantProvider: "rehearsal",
  welcomeMessage: "Hello!",
};
