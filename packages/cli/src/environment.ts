import { homedir } from "node:os";
import { join } from "node:path";

/** The environment of this process with some variables set otherwise: for a child. */
export function environmentWith(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}

/** Whether colours are not wanted (no-color.org). */
export function isColourUnwanted(): boolean {
  return (process.env["NO_COLOR"] ?? "") !== "";
}

/** Where this user's programs keep what they must know at their next start (XDG Base Directory). */
export function stateFolder(): string {
  const base = process.env["XDG_STATE_HOME"] ?? "";
  return join(base === "" ? join(homedir(), ".local", "state") : base, "offhook");
}
