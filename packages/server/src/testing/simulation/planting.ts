import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault } from "./faults.ts";

const server = join(import.meta.dirname, "../../..");

/** A search for a fault; `code` is null when it took too long. */
export type Search = { code: unknown; story: string };

/** Runs the simulation on a copy of the server with the fault in it, in a process of its own. */
export async function searchFor(
  fault: Fault,
  { args, searchMaxMs }: { args: readonly string[]; searchMaxMs: number },
): Promise<Search> {
  const folder = mkdtempSync(join(tmpdir(), "offhook-fault-"));
  try {
    const main = plant(fault, folder);
    return await search([main, "--seed", String(fault.seed), ...args], searchMaxMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bare imports find their packages in the folder above the copy. */
function plant({ name, file, find, replace }: Fault, folder: string): string {
  symlinkSync(join(server, "../../node_modules"), join(folder, "node_modules"));
  cpSync(join(server, "src"), join(folder, "server/src"), { recursive: true });
  cpSync(join(server, "package.json"), join(folder, "server/package.json"));
  const path = join(folder, "server/src", file);
  const parts = readFileSync(path, "utf8").split(find);
  if (parts.length !== 2) {
    const times = parts.length - 1;
    throw new Error(
      `“${name}”: its \`find\` is ${times} times in ${file}, not once. Change it in faults.ts.`,
    );
  }
  writeFileSync(path, parts.join(replace));
  return join(folder, "server/src/testing/simulation/main.ts");
}

function search(args: readonly string[], searchMaxMs: number): Promise<Search> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: searchMaxMs }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, story: `${stdout}${stderr}` });
    });
  });
}
