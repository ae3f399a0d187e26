import { join } from "node:path";
import { type AssistantRequestServer, assistantRequestServer, faultsOf, modelPrice } from "@offhook/protocol";
import { z } from "zod";
import { type EgressProxy, parseProxy } from "./delivery/egress-proxy.ts";
import { type GuardRules, parseAllow } from "./delivery/guard.ts";
import type { ModelServers, Prices } from "./model.ts";
import { type NatsAddress, parseNatsAddress } from "./nats/address.ts";
import type { RetentionRules } from "./retention/retention.ts";
import { type NodeRole, nodeRoles } from "./store.ts";

/** The environment variables that the server reads, and what they say when they are not set. */
export const variables = {
  OFFHOOK_HOST: "127.0.0.1",
  OFFHOOK_PORT: "4600",
  OFFHOOK_DATA: "./data",
  OFFHOOK_STORE: "",
  OFFHOOK_API_KEY: "",
  OFFHOOK_SECRET_KEY: "",
  OFFHOOK_PUBLIC_URL: "",
  OFFHOOK_EGRESS_ALLOW: "",
  OFFHOOK_EGRESS_PROXY: "",
  OFFHOOK_ASSISTANT_URL: "",
  OFFHOOK_ASSISTANT_SECRET: "",
  OFFHOOK_DEFAULT_ASSISTANT: "",
  OFFHOOK_ROLES: "api,calls,delivery",
  OFFHOOK_BUS: "",
  OFFHOOK_NODE_URL: "",
  OFFHOOK_CALLS_MAX: "2000",
  OFFHOOK_TEAM_CALLS_MAX: "",
  OFFHOOK_ANALYSES_MAX: "8",
  OFFHOOK_DRAIN_SECONDS: "0",
  OFFHOOK_STOP_SECONDS: "10",
  OFFHOOK_RETENTION_DAYS: "30",
  OFFHOOK_RETENTION_MB: "0",
  OFFHOOK_METRICS_PORT: "",
  OFFHOOK_MODEL_PRICES: "{}",
  OFFHOOK_LOG_LEVEL: "info",
  OFFHOOK_LOG_PII: "off",
} as const;

const secretKeyBytes = 32;

/** Keys and addresses of model servers; read only where they are needed. */
const modelVariables = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "DEEPSEEK_API_KEY",
  "DEEPSEEK_BASE_URL",
  "GEMINI_API_KEY",
  "GEMINI_BASE_URL",
  "AZURE_OPENAI_API_KEY",
  "AZURE_OPENAI_ENDPOINT",
  "CUSTOM_LLM_API_KEY",
  "CUSTOM_LLM_KEY_ORIGIN",
] as const;

/** OpenTelemetry's own name of a collector's address. */
const collectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

type Name = keyof typeof variables | (typeof modelVariables)[number] | typeof collectorVariable;
export type Env = Partial<Record<Name, string>>;

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The embedded store, in the data folder; or a database that several servers share. */
export type StoreConfig = { kind: "sqlite"; path: string } | { kind: "postgres"; url: string };

/** How the server is to run. Times in ms. */
export type Config = {
  host: string;
  /** 0 for any free port. */
  port: number;
  store: StoreConfig;
  /** Where the embedded store and the key file are. */
  dataFolder: string;
  /** A key that is let in besides those in the store. */
  apiKey: string | undefined;
  /** Seals the secrets in the store; undefined: the key in the data folder's file. */
  secretKey: Uint8Array | undefined;
  /** Where clients reach the server; undefined: where it listens. */
  publicUrl: string | undefined;
  egress: GuardRules;
  /** What everything to addresses of others goes through; undefined: nothing. */
  egressProxy: EgressProxy | undefined;
  /** Who is asked about calls that name no assistant, and who answers when nobody says. */
  who: { server: AssistantRequestServer | undefined; defaultAssistantId: string | undefined };
  /** What this server does among those that share its store. */
  roles: readonly NodeRole[];
  /** Where servers that share a store tell each other news; undefined: they look into the store instead. */
  bus: NatsAddress | undefined;
  /** Where the other servers reach this one; undefined: where it listens. */
  nodeUrl: string | undefined;
  callsMax: number;
  /** Live calls of one team. */
  teamCallsMax: number;
  /** Analyses that may ask models at once. */
  analysesMax: number;
  /** How long a stop lets live calls go on. */
  drainMs: number;
  /** How long a stop waits for reports and deliveries. */
  stopMs: number;
  retention: RetentionRules;
  /** Where the figures are shown without a key; undefined: nowhere. */
  metricsPort: number | undefined;
  /** The collector of spans; undefined: none are made. */
  collectorUrl: string | undefined;
  log: { level: LogLevel; pii: boolean };
  models: ModelServers;
  /** What models cost, by `provider/model`. */
  prices: Prices;
};

/** Every mistake in the environment, one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** Reads the process's environment. */
export function readEnv(): Env {
  return process.env;
}

/** Decides how to run; throws a {@link ConfigError} that names all mistakes at once. */
export function toConfig(env: Env): Config {
  const faults: string[] = [];
  const get = (name: keyof typeof variables): string => filled(env[name]) ?? variables[name];
  const allow = parseAllow(get("OFFHOOK_EGRESS_ALLOW"));
  if (allow.kind === "faults") faults.push(...allow.faults.map((fault) => `OFFHOOK_EGRESS_ALLOW: ${fault}`));
  const config: Config = {
    host: get("OFFHOOK_HOST"),
    port: whole(faults, "OFFHOOK_PORT", { text: get("OFFHOOK_PORT"), min: 0, max: 65_535 }),
    store: store(faults, { url: get("OFFHOOK_STORE"), folder: get("OFFHOOK_DATA") }),
    dataFolder: get("OFFHOOK_DATA"),
    apiKey: apiKey(faults, get("OFFHOOK_API_KEY")),
    secretKey: secretKey(faults, { text: get("OFFHOOK_SECRET_KEY"), isShared: get("OFFHOOK_STORE") !== "" }),
    publicUrl: webUrl(faults, "OFFHOOK_PUBLIC_URL", get("OFFHOOK_PUBLIC_URL")),
    egress: allow.kind === "rules" ? allow.rules : { networks: [], names: [] },
    egressProxy: egressProxy(faults, get("OFFHOOK_EGRESS_PROXY")),
    who: {
      server: assistantServer(faults, {
        url: get("OFFHOOK_ASSISTANT_URL"),
        secret: get("OFFHOOK_ASSISTANT_SECRET"),
      }),
      defaultAssistantId: get("OFFHOOK_DEFAULT_ASSISTANT") || undefined,
    },
    ...amongOthers(faults, get),
    callsMax: whole(faults, "OFFHOOK_CALLS_MAX", { text: get("OFFHOOK_CALLS_MAX"), min: 1, max: 1_000_000 }),
    teamCallsMax: whole(faults, "OFFHOOK_TEAM_CALLS_MAX", {
      text: get("OFFHOOK_TEAM_CALLS_MAX") || get("OFFHOOK_CALLS_MAX"),
      min: 1,
      max: 1_000_000,
    }),
    analysesMax: whole(faults, "OFFHOOK_ANALYSES_MAX", {
      text: get("OFFHOOK_ANALYSES_MAX"),
      min: 1,
      max: 1_000,
    }),
    drainMs:
      whole(faults, "OFFHOOK_DRAIN_SECONDS", { text: get("OFFHOOK_DRAIN_SECONDS"), min: 0, max: 86_400 }) *
      1_000,
    stopMs:
      whole(faults, "OFFHOOK_STOP_SECONDS", { text: get("OFFHOOK_STOP_SECONDS"), min: 0, max: 600 }) * 1_000,
    retention: retention(faults, {
      days: get("OFFHOOK_RETENTION_DAYS"),
      megabytes: get("OFFHOOK_RETENTION_MB"),
    }),
    metricsPort: port(faults, "OFFHOOK_METRICS_PORT", get("OFFHOOK_METRICS_PORT")),
    collectorUrl: webUrl(faults, collectorVariable, filled(env[collectorVariable])),
    log: logged(faults, { level: get("OFFHOOK_LOG_LEVEL"), pii: get("OFFHOOK_LOG_PII") }),
    models: modelServers(faults, env),
    prices: prices(faults, get("OFFHOOK_MODEL_PRICES")),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function logged(faults: string[], given: { level: string; pii: string }): Config["log"] {
  const level = oneOf(faults, "OFFHOOK_LOG_LEVEL", { text: given.level, allowed: logLevels });
  const pii = oneOf(faults, "OFFHOOK_LOG_PII", { text: given.pii, allowed: ["on", "off"] as const });
  return { level: level ?? "info", pii: pii === "on" };
}

function modelServers(faults: string[], env: Env): ModelServers {
  const given = (name: (typeof modelVariables)[number]): string | undefined => filled(env[name]);
  const address = (name: (typeof modelVariables)[number]): string | undefined =>
    webUrl(faults, name, given(name));
  return {
    openai: { apiKey: given("OPENAI_API_KEY"), baseUrl: address("OPENAI_BASE_URL") },
    deepseek: { apiKey: given("DEEPSEEK_API_KEY"), baseUrl: address("DEEPSEEK_BASE_URL") },
    gemini: { apiKey: given("GEMINI_API_KEY"), baseUrl: address("GEMINI_BASE_URL") },
    azure: { apiKey: given("AZURE_OPENAI_API_KEY"), endpoint: address("AZURE_OPENAI_ENDPOINT") },
    customLlm: { apiKey: given("CUSTOM_LLM_API_KEY"), keyOrigin: address("CUSTOM_LLM_KEY_ORIGIN") },
  };
}

function assistantServer(
  faults: string[],
  given: { url: string; secret: string },
): AssistantRequestServer | undefined {
  if (given.url === "" && given.secret === "") return undefined;
  const read = assistantRequestServer.safeParse(given);
  if (read.success) return read.data;
  for (const { path, message } of faultsOf(read.error))
    faults.push(`OFFHOOK_ASSISTANT_${path.slice(1).toUpperCase()}: ${message}.`);
  return undefined;
}

const priceTable = z.record(z.string().regex(/^[a-z-]+\/.+$/u), modelPrice.strict());

function prices(faults: string[], text: string): Prices {
  try {
    return priceTable.parse(JSON.parse(text));
  } catch {
    faults.push(
      'OFFHOOK_MODEL_PRICES must be JSON with US dollars per million tokens by provider and model, such as {"openai/gpt-4.1-mini": {"input": 0.4, "output": 1.6}}.',
    );
    return {};
  }
}

function roles(faults: string[], text: string): NodeRole[] {
  const named = new Set(text.split(",").map((name) => name.trim()));
  const chosen = nodeRoles.filter((role) => named.delete(role));
  if (chosen.length === 0 || named.size > 0)
    faults.push(`OFFHOOK_ROLES is “${text}”: it must be some of ${nodeRoles.join(", ")}, with commas.`);
  return chosen;
}

/** What it does among servers that share a store, and how they reach each other. */
function amongOthers(
  faults: string[],
  get: (name: keyof typeof variables) => string,
): Pick<Config, "roles" | "bus" | "nodeUrl"> {
  return {
    roles: roles(faults, get("OFFHOOK_ROLES")),
    bus: bus(faults, get("OFFHOOK_BUS")),
    nodeUrl: nodeUrl(faults, get("OFFHOOK_NODE_URL")),
  };
}

function bus(faults: string[], text: string): NatsAddress | undefined {
  if (text === "") return undefined;
  const parsed = parseNatsAddress(text);
  if (!("fault" in parsed)) return parsed;
  faults.push(`OFFHOOK_BUS: ${parsed.fault}.`);
  return undefined;
}

/** The fault does not repeat what was written: it may hold a password. */
function nodeUrl(faults: string[], text: string): string | undefined {
  if (text === "") return undefined;
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/u.test(url.protocol) && url.username === "" && url.search === "";
  if (isPlain) return text.replace(/\/+$/u, "");
  faults.push("OFFHOOK_NODE_URL must be a full URL without a user, such as http://10.0.0.7:4600.");
  return undefined;
}

function whole(faults: string[], name: string, given: { text: string; min: number; max: number }): number {
  const { text, min, max } = given;
  const value = /^\d{1,9}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  faults.push(`${name} is “${text}”: it must be a whole number from ${min} to ${max}.`);
  return min;
}

function port(faults: string[], name: string, text: string): number | undefined {
  return text === "" ? undefined : whole(faults, name, { text, min: 0, max: 65_535 });
}

/** How long, and how much, is kept; 0 is without end. */
function retention(faults: string[], given: { days: string; megabytes: string }): RetentionRules {
  const days = whole(faults, "OFFHOOK_RETENTION_DAYS", { text: given.days, min: 0, max: 36_500 });
  const megabytes = whole(faults, "OFFHOOK_RETENTION_MB", {
    text: given.megabytes,
    min: 0,
    max: 100_000_000,
  });
  return {
    ageMsMax: days === 0 ? null : days * 86_400_000,
    bytesMax: megabytes === 0 ? null : megabytes * 1_048_576,
  };
}

function oneOf<Value extends string>(
  faults: string[],
  name: string,
  given: { text: string; allowed: readonly Value[] },
): Value | undefined {
  const found = given.allowed.find((value) => value === given.text);
  if (found === undefined)
    faults.push(`${name} is “${given.text}”: it must be one of ${given.allowed.join(", ")}.`);
  return found;
}

function apiKey(faults: string[], text: string): string | undefined {
  if (text === "") return undefined;
  if (text.length < 16) faults.push("OFFHOOK_API_KEY is too short to be safe: use at least 16 characters.");
  return text;
}

/** The address is not shown in the fault: it may have a password in it. */
function store(faults: string[], given: { url: string; folder: string }): StoreConfig {
  if (given.url === "") return { kind: "sqlite", path: join(given.folder, "offhook.sqlite") };
  const url = URL.parse(given.url);
  if (url === null || !/^postgres(?:ql)?:$/u.test(url.protocol)) {
    faults.push(
      "OFFHOOK_STORE must be the address of a PostgreSQL database, such as postgres://user:password@host:5432/offhook, with % before what is no letter or digit in the password; or empty, for the embedded store.",
    );
  }
  return { kind: "postgres", url: given.url };
}

/** Servers that share a store open the same secrets, so they are given the same key. */
function secretKey(
  faults: string[],
  { text, isShared }: { text: string; isShared: boolean },
): Uint8Array | undefined {
  if (text === "") {
    if (isShared) {
      faults.push(
        `OFFHOOK_SECRET_KEY must be set, with the same for every server, where OFFHOOK_STORE is a database: make one with \`openssl rand -base64 ${secretKeyBytes}\`.`,
      );
    }
    return undefined;
  }
  const key = Buffer.from(text, /^[0-9a-f]{64}$/iu.test(text) ? "hex" : "base64");
  if (key.length === secretKeyBytes) return key;
  faults.push(
    `OFFHOOK_SECRET_KEY must be ${secretKeyBytes} bytes in base64 or hex: make one with \`openssl rand -base64 ${secretKeyBytes}\`.`,
  );
  return undefined;
}

function egressProxy(faults: string[], text: string): EgressProxy | undefined {
  if (text === "") return undefined;
  const parsed = parseProxy(text);
  if (parsed.kind === "proxy") return parsed.proxy;
  faults.push(`OFFHOOK_EGRESS_PROXY: ${parsed.fault}.`);
  return undefined;
}

function webUrl(faults: string[], name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/u.test(url.protocol)) return text.replace(/\/+$/u, "");
  faults.push(`${name} is “${text}”: it must be a full URL, such as https://calls.example.org.`);
  return undefined;
}

/** What a variable says; one that is empty says nothing. */
function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}
