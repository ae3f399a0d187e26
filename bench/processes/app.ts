import { join } from "node:path";
import { type App, openApp, toConfig } from "@offhook/server";
import { answerParent } from "../harness/child.ts";
import { processorSeconds, threadProcessorSeconds } from "../harness/time.ts";

/** The whole server, as `main.ts` runs it, that also says what it uses. */
type Opening = { folder: string; modelUrl: string; callsMax: number; apiKey: string };

let app: App | undefined;

const handlers = {
  /** Answers where it listens. */
  async open({ folder, modelUrl, callsMax, apiKey }: Opening): Promise<string> {
    const env = {
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: join(folder, "data"),
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "error",
      OFFHOOK_CALLS_MAX: String(callsMax),
      OFFHOOK_STOP_SECONDS: "1",
      OPENAI_BASE_URL: modelUrl,
    };
    app = await openApp(toConfig(env));
    return app.url;
  },
  /** Of all its threads, and of the main one alone: what everything has to pass through. */
  processorSeconds: () => ({ all: processorSeconds(), main: threadProcessorSeconds() }),
  /** What is in use once everything is collected that can be; needs --expose-gc. */
  bytes() {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, resident: rss };
  },
};
export type AppDoes = typeof handlers;

answerParent(handlers, async () => app?.close());
