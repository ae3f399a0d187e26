import type { OpenAPIHono } from "@hono/zod-openapi";
import type { CallId, JsonObject, Refusal, SampleType, TeamId } from "@offhook/protocol";
import type { Assistants } from "../assistants/assistants.ts";
import type { Bus } from "../bus.ts";
import type { Calls } from "../calls/calls.ts";
import type { Clock } from "../clock.ts";
import type { Listening } from "../listening/listening.ts";
import type { Log } from "../log.ts";
import type { Page } from "../page/page.ts";
import type { Random } from "../random.ts";
import type { Store } from "../store.ts";
import type { Telemetry } from "../telemetry.ts";
import type { SampleWay } from "./sample-server.ts";

/** What the HTTP API is made of; `app.ts` hands it in. */
export type HttpParts = {
  calls: Pick<Calls, "connect" | "control" | "hear">;
  assistants: Assistants;
  store: Store;
  bus: Bus;
  clock: Clock;
  random: Random;
  log: Log;
  /** Whose key an `Authorization` header holds; `undefined` when nobody's. */
  authenticate: Authenticate;
  /** Whether an API key with this hash is still one. */
  knowsKey: (hash: string) => Promise<boolean>;
  /** The page for a person's browser, and its sessions. */
  page: Page;
  /** The token that opens a call's live socket without a key. */
  liveToken: (callId: CallId) => string;
  /** Really calls a stored tool's server; `undefined` when the team has no such tool. */
  testTool: TestTool;
  /** Sends a sample event, once. */
  sendSample: (given: SampleWay & { type: SampleType }) => Promise<JsonObject | Refusal>;
  /** Has the delivery look for what is due now. */
  wakeDelivery: () => void;
  /** Those who take tool calls in the place of a Server URL. */
  listeners: Pick<Listening, "attach" | "answer">;
  /** Where clients find this server, without a slash at the end; asked each time, for a port may be chosen late. */
  publicUrl: () => string;
  version: string;
  telemetry: Telemetry;
  /** The server's figures in Prometheus' text format. */
  metrics: { contentType: string; text(): Promise<string> };
  /** Whether it takes new work: not any more once it has been told to stop, nor while it has lost touch with the store. */
  standing: () => Standing;
  /** Once aborted, streams end, so that the server can. */
  stopping: AbortSignal;
};

export type Standing = "open" | "stopping" | "adrift";

export type Authenticate = (authorization: string | undefined) => Promise<TeamId | undefined>;

export type TestTool = (given: {
  teamId: TeamId;
  toolId: string;
  arguments: JsonObject;
}) => Promise<JsonObject | Refusal | undefined>;

export type Env = { Variables: { teamId: TeamId } };

export type App = OpenAPIHono<Env>;
