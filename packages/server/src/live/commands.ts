import { faultsOf, liveCommand, type LiveCommand, type LiveUpdate, type Refusal } from "@offhook/protocol";
import type { Calls } from "../calls/calls.ts";
import type { Log } from "../log.ts";
import type { Whom } from "./watched-call.ts";

export type CommandParts = { calls: Pick<Calls, "hear" | "leave" | "look">; log: Log };

/** Does what a frame of a client asks for; answers with what is wrong, if anything is. */
export async function obey(parts: CommandParts, whom: Whom, frame: Frame): Promise<LiveUpdate[]> {
  const read = readCommand(frame);
  if ("fault" in read) return [errorOf({ refused: "invalid", detail: read.fault })];
  const refusal = await perform(parts, whom, read.command);
  return refusal === undefined ? [] : [errorOf(refusal)];
}

/** A refusal as a client is told of it. */
export function errorOf({ refused, detail }: Refusal): LiveUpdate {
  return { type: "error", code: refused, message: detail };
}

export type Frame = { text: string; isBinary: boolean };

function readCommand({ text, isBinary }: Frame): { command: LiveCommand } | { fault: string } {
  if (isBinary) return { fault: "Send JSON as text, not as binary." };
  const json = parse(text);
  if (json === undefined)
    return { fault: 'This is not JSON: send {"type": "say", "text": "…"} or {"type": "end"}.' };
  const read = liveCommand.safeParse(json.value);
  if (read.success) return { command: read.data };
  const faults = faultsOf(read.error).map(({ path, message }) => `${path || "/"}: ${message}`);
  return { fault: `This is no command: ${faults.join("; ")}.` };
}

function parse(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}

async function perform(
  { calls }: CommandParts,
  whom: Whom,
  command: LiveCommand,
): Promise<Refusal | undefined> {
  if (command.type === "end") return calls.leave(whom);
  const heard = await calls.hear({ ...whom, text: command.text });
  return "refused" in heard ? heard : undefined;
}
