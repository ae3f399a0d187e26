import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HappeningOf } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import { timedOut, within } from "../clock.ts";
import type { Store, StoredEntry } from "../store.ts";
import type { AttemptFigures, Gauges, Telemetry } from "../telemetry.ts";

/** A telemetry that can be shown in Prometheus' text format. */
export type Prometheus = Telemetry & {
  contentType: string;
  /** All figures as text; those of the store are at most {@link backlogHoldsMs} old. */
  text(): Promise<string>;
  /** Shows these, too. */
  show(gauges: Gauges): void;
};

/** What is read from the store for a scrape holds so long: reading it goes through every lane that waits. */
const backlogHoldsMs = 5_000;
/** How long a scrape waits for the store; then its figures are left out. */
const backlogMaxMs = 2_000;

/** Upper bounds of the buckets, in seconds: from a loopback delivery to a tool that takes its whole time. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];
/** Age of an event when it was accepted: up to the end of the retries, 76 hours. */
const ages = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3_600, 18_000, 86_400, 273_600];

/** Counts into a registry of its own, the process's memory and event loop with it. */
export function openPrometheus(given: { store: Store; clock: Clock }): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const delivery = deliveryFigures(registry);
  const calls = callFigures(registry);
  const requests = histogram(registry, {
    name: "offhook_http_request_seconds",
    help: "Requests to the HTTP API, by method, route and status",
    labelNames: ["method", "route", "status"],
    buckets: seconds,
  });
  const refresh = backlogGauges(registry, given);
  return {
    ...delivery,
    happened: calls,
    answered: ({ method, route, status, elapsedMs }) =>
      requests.observe({ method, route, status }, elapsedMs / 1_000),
    contentType: registry.contentType,
    show: (gauges) => addGauges(registry, gauges),
    text: async () => {
      await refresh();
      return registry.metrics();
    },
  };
}

function histogram<Label extends string>(
  registry: Registry,
  of: { name: string; help: string; labelNames: Label[]; buckets: number[] },
): Histogram<Label> {
  return new Histogram({ ...of, registers: [registry] });
}

function counter<Label extends string>(
  registry: Registry,
  of: { name: string; help: string; labelNames: Label[] },
): Counter<Label> {
  return new Counter({ ...of, registers: [registry] });
}

function deliveryFigures(registry: Registry): Pick<Telemetry, "attempted" | "gaveUp"> {
  const attempts = histogram(registry, {
    name: "offhook_attempt_seconds",
    help: "Attempts at Server URLs, by what came of them; late ones were tried before or are sent again",
    labelNames: ["outcome", "kind"],
    buckets: seconds,
  });
  const age = histogram(registry, {
    name: "offhook_delivery_age_seconds",
    help: "How old an event was when its receiver accepted it",
    labelNames: [],
    buckets: ages,
  });
  const givenUp = counter(registry, {
    name: "offhook_events_given_up_total",
    help: "Events that were given up: dead letters, and what a newer event made superfluous",
    labelNames: ["state"],
  });
  return {
    attempted({ outcome, kind, elapsedMs, ageMs }: AttemptFigures) {
      attempts.observe({ outcome, kind }, elapsedMs / 1_000);
      if (ageMs !== null) age.observe(ageMs / 1_000);
    },
    gaveUp: (state) => givenUp.inc({ state }),
  };
}

/** Reads the figures of calls from what is written in their journals. */
function callFigures(registry: Registry): (entry: StoredEntry) => void {
  const begun = counter(registry, {
    name: "offhook_calls_begun_total",
    help: "Calls that were made, by type",
    labelNames: ["type"],
  });
  const ended = counter(registry, {
    name: "offhook_calls_ended_total",
    help: "Calls that are finished, by reason",
    labelNames: ["reason"],
  });
  const turns = counter(registry, {
    name: "offhook_turns_total",
    help: "Turns that ended, by how",
    labelNames: ["outcome"],
  });
  const hangs = counter(registry, {
    name: "offhook_hangs_total",
    help: "Turns in which the assistant gave nothing for too long, by what it waited for",
    labelNames: ["phase"],
  });
  const errors = counter(registry, {
    name: "offhook_call_errors_total",
    help: "Failures of models, tools, speech and channels in calls",
    labelNames: ["type", "code"],
  });
  const model = modelFigures(registry);
  const tools = histogram(registry, {
    name: "offhook_tool_seconds",
    help: "Tool calls, from the request to the answer",
    labelNames: ["outcome"],
    buckets: seconds,
  });
  return ({ what }) => {
    switch (what.type) {
      case "call-created":
        return begun.inc({ type: what.call.callType });
      case "status-changed":
        return what.status === "finished" ? ended.inc({ reason: what.endedReason ?? "" }) : undefined;
      case "turn-ended":
        return turns.inc({ outcome: what.outcome });
      case "hang":
        return hangs.inc({ phase: what.hang.phase });
      case "error":
        return errors.inc({ type: what.error.type, code: what.error.code });
      case "model-answered":
        return model(what);
      case "tool-answered":
        return tools.observe({ outcome: what.outcome.kind }, what.elapsedMs / 1_000);
      default:
        return undefined;
    }
  };
}

function modelFigures(registry: Registry): (answered: HappeningOf<"model-answered">) => void {
  const first = histogram(registry, {
    name: "offhook_model_first_content_seconds",
    help: "From a request to a model to the first content of its reply",
    labelNames: [],
    buckets: seconds,
  });
  const whole = histogram(registry, {
    name: "offhook_model_reply_seconds",
    help: "From a request to a model to the end of its reply",
    labelNames: ["outcome"],
    buckets: seconds,
  });
  const tokens = counter(registry, {
    name: "offhook_model_tokens_total",
    help: "Tokens, as the model servers count them",
    labelNames: ["direction"],
  });
  return ({ outcome, firstContentMs, totalMs, usage }) => {
    whole.observe({ outcome }, totalMs / 1_000);
    if (firstContentMs !== null) first.observe(firstContentMs / 1_000);
    if (usage === undefined) return;
    tokens.inc({ direction: "prompt" }, usage.promptTokens);
    tokens.inc({ direction: "completion" }, usage.completionTokens);
  };
}

function addGauges(registry: Registry, gauges: Gauges): void {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge("offhook_calls_live", "Calls that live on this server", () => gauges.liveCalls());
  gauge("offhook_attempts_under_way", "Attempts at Server URLs under way", () => gauges.attemptsUnderWay());
}

/** What waits in the store; read when it is asked for, and then not again for a while. */
function backlogGauges(
  registry: Registry,
  { store, clock }: { store: Store; clock: Clock },
): () => Promise<void> {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  const undelivered = gauge("offhook_events_undelivered", "Events that are neither accepted nor given up");
  const lanes = gauge("offhook_lanes_waiting", "Calls that have undelivered events");
  const blocked = gauge(
    "offhook_lanes_blocked",
    "Of these, those whose first event failed and will be retried",
  );
  const oldest = gauge("offhook_oldest_undelivered_age_seconds", "Age of the oldest undelivered event");
  const bytes = gauge("offhook_store_bytes", "Bytes in use in the store");
  let freshUntil = 0;
  return async () => {
    if (clock.now() < freshUntil) return;
    const read = Promise.all([store.backlog(), store.size()]);
    const found = await within(clock, backlogMaxMs, read).catch(() => undefined);
    if (found === undefined || found === timedOut) return;
    const [backlog, size] = found;
    freshUntil = clock.now() + backlogHoldsMs;
    undelivered.set(backlog.undelivered);
    lanes.set(backlog.lanes);
    blocked.set(backlog.blocked);
    oldest.set(backlog.oldestAt === null ? 0 : Math.max(clock.now() - backlog.oldestAt, 0) / 1_000);
    bytes.set(size);
  };
}
