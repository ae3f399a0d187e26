import type { Provider } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Model, ModelFailure, ModelRequest, ModelServers } from "../model.ts";
import { withFallbacks } from "./fallback.ts";
import { openAiModel } from "./openai.ts";
import { directFetch, openModelDispatcher } from "./openai/direct-fetch.ts";
import { openDialects } from "./openai/dialect.ts";
import type { Fetch } from "./openai/transport.ts";
import { rehearsalModel } from "./rehearsal.ts";

export type ModelsOptions = {
  servers: ModelServers;
  /** For addresses that tenants give: it must check where it connects. */
  fetch: Fetch;
  clock: Clock;
  log: Log;
};

type Language = Exclude<Provider, "rehearsal" | "custom-llm">;

const variables = {
  openai: "OPENAI_API_KEY (and OPENAI_BASE_URL for another server)",
  deepseek: "DEEPSEEK_API_KEY",
  gemini: "GEMINI_API_KEY",
  azure: "AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY",
} as const satisfies Record<Language, string>;

const addresses = {
  openai: "https://api.openai.com/v1",
  deepseek: "https://api.deepseek.com",
  gemini: "https://generativelanguage.googleapis.com/v1beta/openai",
} as const satisfies Record<Exclude<Language, "azure">, string>;

/** Opens every model that is configured; each request goes to the one that it names. */
export function openModels(options: ModelsOptions): Model {
  const { servers, clock, log } = options;
  const dialects = openDialects();
  const open = (provider: Provider, server: Server | undefined, fetch: Fetch): Model | undefined =>
    server === undefined ? undefined : openAiModel({ provider, ...server, fetch, clock, log, dialects });
  const direct = directFetch(openModelDispatcher());
  const rehearsal = rehearsalModel(clock);
  const configured = {
    openai: open("openai", serverOf("openai", servers), direct),
    deepseek: open("deepseek", serverOf("deepseek", servers), direct),
    gemini: open("gemini", serverOf("gemini", servers), direct),
    azure: open("azure", azureServer(servers.azure), direct),
  } satisfies Record<Language, Model | undefined>;
  const pick = (request: ModelRequest): Model => {
    if (request.provider === "rehearsal") return rehearsal;
    if (request.provider === "custom-llm")
      return (
        open("custom-llm", customServer(request, servers.customLlm), options.fetch) ?? failing(noAddress)
      );
    return configured[request.provider] ?? failing(notConfigured(request.provider));
  };
  const picked: Model = { stream: (request, signal) => pick(request).stream(request, signal) };
  return withFallbacks(picked, clock);
}

type Server = { baseUrl: string; apiKey?: string | undefined };

/** An address of the operator's own needs no key: Ollama, vLLM and the like have none. */
function serverOf(provider: keyof typeof addresses, servers: ModelServers): Server | undefined {
  const { apiKey, baseUrl } = servers[provider];
  if (apiKey === undefined && baseUrl === undefined) return undefined;
  return { baseUrl: baseUrl ?? addresses[provider], apiKey };
}

function azureServer({ apiKey, endpoint }: ModelServers["azure"]): Server | undefined {
  if (apiKey === undefined || endpoint === undefined) return undefined;
  return { baseUrl: `${endpoint.replace(/(?:\/openai\/v1)?\/*$/u, "")}/openai/v1`, apiKey };
}

function customServer(
  { baseUrl }: ModelRequest,
  { apiKey, keyOrigin }: ModelServers["customLlm"],
): Server | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const isTrusted =
    keyOrigin !== undefined &&
    URL.canParse(keyOrigin) &&
    new URL(keyOrigin).origin === new URL(baseUrl).origin;
  return { baseUrl, apiKey: isTrusted ? apiKey : undefined };
}

const noAddress: ModelFailure = {
  code: "not-configured",
  message:
    "This assistant has a model of its own (custom-llm) but no address for it. Set assistantLLMUrl to its base URL.",
  retryable: false,
};

function notConfigured(provider: Language): ModelFailure {
  const message = `The provider ${provider} is not set up on this server. Set ${variables[provider]}, or give the assistant the provider rehearsal, which needs no key.`;
  return { code: "not-configured", message, retryable: false };
}

function failing(failure: ModelFailure): Model {
  return {
    async *stream(_request, signal) {
      if (!signal.aborted) yield { type: "failed", failure };
    },
  };
}
