import type { Problem } from "@offhook/protocol";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Why it could not be done, in a sentence for the person who asked. */
export type Failure = { failure: string; exitCode?: ExitCode };

/** What was asked cannot be meant. */
export function misuse(failure: string): Failure {
  return { failure, exitCode: exitCodes.misused };
}

/** A problem of the client or the server, with every fault by its path. */
export function failureOf({ detail, errors = [], code }: Problem): Failure {
  const faults = errors.map(({ path, message }) => `\n  ${path || "/"}: ${message}`).join("");
  const hint =
    code === "unreachable" ? " Is it running? `offhook start` runs one; --url says where it is." : "";
  return { failure: `${detail}${hint}${faults}` };
}

/** Says it, and with what the command ends. */
export function tell(terminal: Terminal, { failure, exitCode = exitCodes.failed }: Failure): ExitCode {
  terminal.note(failure);
  return exitCode;
}

/** What is wrong with something, with every fault by its path. */
export function faultsFailure(what: string, faults: readonly { path: string; message: string }[]): Failure {
  return {
    failure: `${what}:${faults.map(({ path, message }) => `\n  ${path || "/"}: ${message}`).join("")}`,
  };
}
