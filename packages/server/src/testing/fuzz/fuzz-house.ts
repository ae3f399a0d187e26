import type { JsonObject } from "@offhook/protocol";
import { flatTool, isMcp } from "@offhook/protocol";
import { z } from "zod";
import { sendSample } from "../../delivery/sample.ts";
import { openAuthenticator } from "../../http/auth.ts";
import { openHttp } from "../../http/http.ts";
import { hashKey } from "../../http/keys.ts";
import type { Log, LogFields } from "../../log.ts";
import { silentLog } from "../../log.ts";
import { StoreError } from "../../store.ts";
import { openPrometheus } from "../../telemetry/prometheus.ts";
import { tryTool } from "../../tools/try-tool.ts";
import { openPage } from "../../page/page.ts";
import { connecting, openHouse } from "../house.ts";
import { settled } from "../virtual-clock.ts";
import { assistant } from "./samples.ts";

/** The whole server behind its API, without sockets, on the virtual clock. */
export type FuzzHouse = {
  /** Answers a request; time goes on while it waits, and it fails when it is not answered within any ceiling of ours. */
  ask: (path: string, init: RequestInit) => Promise<Response>;
  /** Ids that exist, by the beginning of the paths that take them: an assistant, a tool, a call that lives, an event of it. */
  ids: Readonly<Record<string, string>>;
  /** Faults of the server's own that it logged. */
  faults: readonly unknown[];
  die(): Promise<void>;
};

export const fuzzKey = "a-key-for-the-fuzz";

/** Longer than any wait of the server. */
const waitMaxMs = 700_000;

export async function openFuzzHouse(): Promise<FuzzHouse> {
  const faults: unknown[] = [];
  const house = openHouse({ log: faultLog(faults) });
  const { store, clock, random, egress, assistants, calls, delivery, teamId } = house;
  await store.saveKey({ hash: hashKey(fuzzKey), teamId, name: "fuzz", createdAt: clock.now() });
  const stopping = new AbortController();
  const app = openHttp({
    ...house,
    authenticate: openAuthenticator({ store, clock }),
    knowsKey: async (hash) => (await store.findKey({ hash })) !== undefined,
    page: await openPage({ folder: "/nowhere", secret: "a secret of the fuzz" }, { clock, random }),
    liveToken: () => "token",
    testTool: async ({ toolId, arguments: given }) => {
      const tool = await assistants.tools.find(teamId, toolId);
      return tool === undefined || isMcp(tool)
        ? undefined
        : tryTool({ egress, clock, random }, flatTool(tool), given);
    },
    sendSample: (given) => sendSample({ egress, clock, random }, given),
    wakeDelivery: () => delivery.wake(),
    publicUrl: () => "http://localhost",
    version: "0.0.0-fuzz",
    metrics: openPrometheus({ store, clock }),
    standing: () => (stopping.signal.aborted ? "stopping" : "open"),
    stopping: stopping.signal,
  });
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const answered = { yet: false };
    const asked = Promise.resolve(app.request(path, init)).finally(() => (answered.yet = true));
    const endsAt = clock.now() + waitMaxMs;
    for (let turn = 0; !answered.yet; turn += 1) {
      await settled(1);
      // Most are answered without a wait: time stands still for these.
      if (turn > 20) await clock.advance(500);
      if (clock.now() > endsAt) throw new Error(`${init.method} ${path} was never answered`);
    }
    return asked;
  };
  const connected = await calls.connect({ teamId, body: connecting(assistant) });
  if ("refused" in connected) throw new Error(connected.detail);
  await clock.advance(100);
  const tool = { name: "book", server: { url: "http://127.0.0.1:9/tool" } };
  const ids = {
    "/assistants/v1/assistants/": await idOf(ask, "/assistants/v1/assistants", assistant),
    "/assistants/v1/tools/": await idOf(ask, "/assistants/v1/tools", tool),
    "/calls/v1/conversations/": connected.id,
    "/events/v1/deliveries/": `evt_${connected.id}_1`,
  };
  const die = async (): Promise<void> => {
    stopping.abort();
    await calls.stop(0);
    await house.die();
    await store.close();
  };
  return { ask, ids, faults, die };
}

const stored = z.looseObject({ _id: z.string().optional(), id: z.string().optional() });

async function idOf(ask: FuzzHouse["ask"], path: string, body: JsonObject): Promise<string> {
  const headers = { authorization: `Bearer ${fuzzKey}`, "content-type": "application/json" };
  const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  const { _id, id } = stored.parse(await answer.json());
  return _id ?? id ?? "";
}

/** Notes errors that are no trouble with the store, which a fuzz does not make. */
function faultLog(faults: unknown[]): Log {
  const error = (message: string, fields?: LogFields): void => {
    const cause: unknown = fields?.["error"];
    if (cause instanceof Error && !(cause instanceof StoreError)) faults.push(`${message}: ${cause.stack}`);
  };
  return { ...silentLog, error };
}

const operations = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ parameters: z.array(z.unknown()).optional() })),
  ),
});
const parameter = z.looseObject({ name: z.string(), in: z.string() });

export type Operation = { method: string; path: string; query: readonly string[] };

/** Every route, from the document that describes them. */
export async function operationsOf(ask: FuzzHouse["ask"]): Promise<Operation[]> {
  const { paths } = operations.parse(await (await ask("/openapi.json", { method: "GET" })).json());
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => {
      const query = parameters.map((each) => parameter.safeParse(each).data);
      return {
        method: method.toUpperCase(),
        path,
        query: query.flatMap((each) => (each?.in === "query" ? each.name : [])),
      };
    }),
  );
}
