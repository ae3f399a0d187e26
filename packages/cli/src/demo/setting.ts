import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, variables } from "@offhook/server";
import { makeApiKey } from "../random.ts";

/** How the demo's server runs. */
export type Setting = {
  env: Env;
  apiKey: string;
  /** Whether the key is the one of the environment. */
  isOwnKey: boolean;
  folder: string;
  /** Takes away what only this run needed. */
  clear(): void;
};

/** A server that may reach the clinic on this machine, in a folder that goes with it, or in the one that stays. */
export function settingOf(env: Env, stay: boolean): Setting {
  const ownKey = given(env.OFFHOOK_API_KEY);
  const apiKey = ownKey ?? makeApiKey();
  const folder = stay
    ? (given(env.OFFHOOK_DATA) ?? variables.OFFHOOK_DATA)
    : mkdtempSync(join(tmpdir(), "offhook-demo-"));
  const passing: Env = { OFFHOOK_HOST: "127.0.0.1", OFFHOOK_PORT: "0", OFFHOOK_PUBLIC_URL: "" };
  return {
    env: {
      ...env,
      ...(stay ? {} : passing),
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_EGRESS_ALLOW: withLoopback(given(env.OFFHOOK_EGRESS_ALLOW)),
      OFFHOOK_LOG_LEVEL: given(env.OFFHOOK_LOG_LEVEL) ?? "warn",
    },
    apiKey,
    isOwnKey: ownKey !== undefined,
    folder,
    clear: () => (stay ? undefined : rmSync(folder, { recursive: true, force: true })),
  };
}

/** A variable that is set to something. */
function given(value: string | undefined): string | undefined {
  const text = value?.trim() ?? "";
  return text === "" ? undefined : text;
}

function withLoopback(allowed: string | undefined): string {
  if (allowed === undefined) return "loopback";
  return allowed.split(/[\s,]+/u).includes("loopback") ? allowed : `${allowed},loopback`;
}
