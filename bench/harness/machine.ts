import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** What the figures were made on. */
export type Machine = {
  cores: number;
  processor: string;
  memoryGiB: number;
  system: string;
  versions: Record<string, string>;
};

const bytesPerGiB = 2 ** 30;

/** Describes the machine, with the versions of the packages that a bench stands on. */
export function describeMachine(packages: readonly string[]): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / bytesPerGiB),
    system: `${process.platform} ${release()}`,
    versions: { node: process.versions.node, ...versionsOf(packages) },
  };
}

/** How many processes wanted to run at the same time, on average over the last minute; above the cores, figures suffer. */
export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}

function versionsOf(packages: readonly string[]): Record<string, string> {
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known ? String(manifest.version) : "unknown";
}
