import type { Command } from "commander";
import { addBackup } from "../store/backup.ts";
import { addCopy } from "../store/copy.ts";
import { addCheck, addMigrate } from "../store/database.ts";
import type { Wiring } from "../wiring.ts";

/** `offhook store`. */
export function addStore(program: Command, wiring: Wiring): void {
  const parent = program.command("store").description("look after what the server keeps");
  addBackup(parent, wiring);
  addCopy(parent, wiring);
  addMigrate(parent, wiring);
  addCheck(parent, wiring);
}
