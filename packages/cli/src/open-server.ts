import { type App, type Config, ConfigError, type Env, openApp, StoreError, toConfig } from "@offhook/server";
import type { Failure } from "./failure.ts";

export type Server = { app: App; config: Config };

/** Runs a server in this process; says why when it cannot. */
export async function openServer(env: Env): Promise<Server | Failure> {
  try {
    const config = toConfig(env);
    return { app: await openApp(config), config };
  } catch (error) {
    if (error instanceof ConfigError) return { failure: configSentence(error) };
    if (error instanceof StoreError || isListenError(error)) return { failure: error.message };
    throw error;
  }
}

function configSentence({ faults, message }: ConfigError): string {
  const [only, ...more] = faults;
  return only === undefined || more.length > 0 ? message : `The configuration cannot be used: ${only}`;
}

function isListenError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const system = error.cause instanceof Error ? error.cause : error;
  return "syscall" in system && (system.syscall === "listen" || system.syscall === "getaddrinfo");
}
