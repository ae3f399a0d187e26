import type { Client } from "@offhook/client";
import { type Command, InvalidArgumentError } from "commander";
import { type Came, withServer } from "../ending.ts";
import { failureOf } from "../failure.ts";
import { type ServerOptions, takesJson, takesServer, withExamples } from "../options.ts";
import { findAssistant } from "../talk/find-assistant.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type RotateOptions = ServerOptions & {
  tool?: string;
  overlapHours: number;
  newSecret?: string;
  json?: boolean;
};

/** `offhook secret`. */
export function addSecret(program: Command, wiring: Wiring): void {
  const parent = program.command("secret").description("rotate the secret of a Server URL");
  const command = parent
    .command("rotate")
    .description("give a Server URL a new secret, and let the old one sign too for a while")
    .argument("[assistant]", "whose, by id or name")
    .option("--tool <id>", "the server of this tool instead")
    .option("--overlap-hours <hours>", "how long the old one signs too, at most 168", hours, 24)
    .option("--new-secret <secret>", "this one instead of one that is made");
  withExamples(takesJson(takesServer(command)), [
    "offhook secret rotate Reception",
    "offhook secret rotate --tool tool-1 --overlap-hours 0",
  ]).action((who: string | undefined, options: RotateOptions) =>
    withServer(wiring, options, (client) => rotate(client, { who, options }, wiring.terminal)),
  );
}

function hours(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 168))
    throw new InvalidArgumentError("It is a number from 0 to 168.");
  return value;
}

type Given = { who: string | undefined; options: RotateOptions };

async function rotate(client: Client, { who, options }: Given, terminal: Terminal): Promise<Came> {
  const { tool, overlapHours, newSecret } = options;
  if ((who === undefined) === (tool === undefined))
    return { failure: "Whose secret? Name an assistant, or a tool with --tool.", exitCode: 2 };
  const assistant = who === undefined ? undefined : await findAssistant(client, who);
  if (assistant !== undefined && "failure" in assistant) return assistant;
  const how = { overlapHours, ...(newSecret === undefined ? {} : { secret: newSecret }) };
  const rotated =
    assistant === undefined
      ? await client.tools.rotateSecret(tool ?? "", how)
      : await client.assistants.rotateSecret(assistant.id, how);
  if (!rotated.ok) return failureOf(rotated.problem);
  const { secret, previousSecretUntil } = rotated.value;
  if (options.json === true) terminal.print(JSON.stringify(rotated.value, undefined, 2));
  else terminal.print(secret);
  terminal.note(
    previousSecretUntil === null
      ? "It signs from now on, alone. It is shown this once."
      : `It signs from now on, beside the old one until ${previousSecretUntil}. It is shown this once.`,
  );
  return undefined;
}
