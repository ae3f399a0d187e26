import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Failure } from "../failure.ts";

/** Our packages that an application needs, with the name of their packed form. */
const needed = {
  "@offhook/server-url": "offhook-server-url-",
  "@offhook/protocol": "offhook-protocol-",
} as const;

/** Where our packages come from: the registry, or tarballs of \`npm pack\` in a folder. */
export function packagesFrom(folder: string | undefined): { ours: Record<string, string> } | Failure {
  if (folder === undefined) return { ours: { "@offhook/server-url": "^0.1.0" } };
  if (!existsSync(folder)) return { failure: `There is no folder ${folder}.` };
  const files = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const ours: Record<string, string> = {};
  for (const [name, prefix] of Object.entries(needed)) {
    const file = files.toSorted().findLast((one) => one.startsWith(prefix));
    if (file === undefined)
      return {
        failure: `There is no ${prefix}….tgz in ${folder}: \`npm pack --workspace ${name}\` makes one.`,
      };
    ours[name] = `file:${resolve(join(folder, file))}`;
  }
  return { ours };
}
