import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An application in a folder of its own, outside of the checkout. */
export type Consumer = {
  folder: string;
  write(name: string, text: string): string;
  /** Runs a command there; gives what it printed, or says what it complained of. */
  run(command: string, args: readonly string[]): Promise<string>;
  install(packages: readonly string[]): Promise<void>;
  remove(): void;
};

/** What of the runtimes below may run a script when it is installed: those that put a program in its place. */
const allowScripts = { bun: true, deno: true, node: true, workerd: true, sharp: false, esbuild: false };

export function openConsumer(name: string): Consumer {
  const folder = mkdtempSync(join(tmpdir(), `offhook-${name}-`));
  const runHere: Consumer["run"] = async (command, args) => {
    const { stdout } = await run(command, [...args], { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "application", private: true, type: "module", allowScripts }),
  );
  return {
    folder,
    write(file, text) {
      writeFileSync(join(folder, file), text);
      return join(folder, file);
    },
    run: runHere,
    async install(packages) {
      await runHere("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages]);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
