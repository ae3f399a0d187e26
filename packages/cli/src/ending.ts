import type { Client } from "@offhook/client";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Failure, tell } from "./failure.ts";
import { clientOf, type ServerOptions } from "./options.ts";
import type { Wiring } from "./wiring.ts";

/** What a command comes to: a failure, an exit code, or nothing more to say. */
export type Came = Failure | ExitCode | undefined;

/** Ends a command as what it came to says. */
export async function ending({ terminal, ended }: Wiring, coming: Promise<Came>): Promise<void> {
  const came = await coming;
  if (came === undefined) return ended(exitCodes.done);
  ended(typeof came === "object" ? tell(terminal, came) : came);
}

/** Does something with the server that the options name, and ends the command. */
export function withServer(
  wiring: Wiring,
  options: ServerOptions,
  act: (client: Client) => Promise<Came>,
): Promise<void> {
  const client = clientOf(options);
  return ending(wiring, "failure" in client ? Promise.resolve(client) : act(client));
}
