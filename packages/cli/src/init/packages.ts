import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Failure } from "../failure.ts";

/** Our package that an application needs, and how its packed form begins. */
const needed = { name: "@offhook/server-url", prefix: "offhook-server-url-" } as const;

/** Where our packages come from: the registry, or the tarball that `npm run build:packages` makes. */
export function packagesFrom(folder: string | undefined): { ours: Record<string, string> } | Failure {
  const { name, prefix } = needed;
  if (folder === undefined) return { ours: { [name]: "^0.1.0" } };
  if (!existsSync(folder)) return { failure: `There is no folder ${folder}.` };
  const packed = readdirSync(folder).filter((file) => file.startsWith(prefix) && file.endsWith(".tgz"));
  const newest = packed.toSorted().at(-1);
  if (newest === undefined) {
    return {
      failure: `There is no ${prefix}….tgz in ${folder}: in a checkout of Offhook, \`npm run build:packages\` makes one in dist.`,
    };
  }
  return { ours: { [name]: `file:${resolve(join(folder, newest))}` } };
}
