import { join } from "node:path";
import { type Command, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { tell } from "../failure.ts";
import { withExamples } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

/** `offhook store backup`. */
export function addBackup(parent: Command, { terminal, ended }: Wiring): void {
  withExamples(
    parent
      .command("backup <file>")
      .description("copy the embedded store into a new file, also while the server runs")
      .addOption(new Option("--data <folder>", "where everything is kept (./data)").env("OFFHOOK_DATA")),
    ["offhook store backup /backup/offhook-$(date +%F).sqlite --data /var/lib/offhook"],
    "To restore it, start a server in a folder where it is called offhook.sqlite, with the same\nsecret.key or OFFHOOK_SECRET_KEY. The key is not in the copy: keep it elsewhere.",
  ).action(async (file: string, options: { data?: string }) =>
    ended(await backup(terminal, { file, data: options.data })),
  );
}

async function backup(
  terminal: Terminal,
  given: { file: string; data: string | undefined },
): Promise<ExitCode> {
  const { readEnv, StoreError, toConfig } = await import("@offhook/server");
  const { backupStore } = await import("@offhook/server/backup");
  const { data } = given;
  // Of all settings only the place matters: a fault in another must not keep anybody from a backup.
  const { OFFHOOK_DATA = "" } = readEnv();
  const { dataFolder } = toConfig({ OFFHOOK_DATA: data ?? OFFHOOK_DATA });
  try {
    await backupStore(join(dataFolder, "offhook.sqlite"), given.file);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return tell(terminal, { failure: error.message });
  }
  terminal.print(given.file);
  terminal.note("The key that opens its secrets is not in it: keep that elsewhere.");
  return exitCodes.done;
}
