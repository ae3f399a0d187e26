import { onTestFinished } from "vitest";
import { systemClock } from "../clock.ts";
import { silentLog } from "../log.ts";
import type { Model } from "../model.ts";
import { type OpenAiModelOptions, openAiModel } from "../models/openai.ts";
import { directFetch, openModelDispatcher } from "../models/openai/direct-fetch.ts";
import { openDialects } from "../models/openai/dialect.ts";
import { type OpenAiServer, type OpenAiServerOptions, openAiServer } from "./openai-server.ts";

const direct = directFetch(openModelDispatcher());

/** The real client against our fake server, for one test; the server is closed when the test is over. */
export async function againstFake(
  replies: OpenAiServerOptions["replies"],
  given: Partial<OpenAiModelOptions> = {},
): Promise<{ model: Model; server: OpenAiServer }> {
  const server = await openAiServer({ replies });
  onTestFinished(() => server.close());
  const dialects = openDialects();
  const parts = { fetch: direct, clock: systemClock, log: silentLog, dialects };
  const options = { provider: "openai", baseUrl: server.url, apiKey: "sk-secret-key", ...parts, ...given };
  return { model: openAiModel(options), server };
}
