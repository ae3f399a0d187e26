import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Fault, faults } from "./faults.ts";

const server = join(import.meta.dirname, "../../..");
const seeds = 1_000;
const searchMaxMs = 120_000;

/** A copy of the server with the fault in it; bare imports find their packages in the folder above. */
function plant({ name, file, find, replace }: Fault): string {
  const folder = mkdtempSync(join(tmpdir(), "offhook-fault-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
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

/** Runs the simulation in a process of its own; `code` is null when it took too long. */
function search(main: string, seed: number): Promise<{ code: unknown; story: string }> {
  const args = [main, "--seeds", String(seeds), "--seed", String(seed)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: searchMaxMs }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, story: `${stdout}${stderr}` });
    });
  });
}

test.each(faults)(
  `within ${seeds} runs it is found when $name`,
  async (fault) => {
    const { code, story } = await search(plant(fault), fault.seed);
    expect(code, story.slice(-2_000)).toBe(1);
    expect(story.split("\n")[0]).toContain(fault.says);
    expect(story).toContain("path ");
  },
  searchMaxMs + 10_000,
);
