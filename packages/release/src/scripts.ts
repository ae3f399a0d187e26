import { join } from "node:path";
import { rolldown } from "rolldown";
import { bundled, fileOf, type Manifest } from "./published.ts";

/**
 * Bundles the entries of a package as ES modules, with the protocol inside and
 * nothing else: what an entry does not use of it is left out.
 */
export async function writeScripts(folder: string, manifest: Manifest, out: string): Promise<void> {
  const input = Object.fromEntries(
    Object.entries(manifest.exports).map(([entry, source]) => [fileOf(entry), join(folder, source)]),
  );
  const build = await rolldown({
    input,
    platform: "neutral",
    external: (id) => !id.startsWith(".") && !id.startsWith("/") && id !== bundled,
    // Our modules do nothing by being read but make what they export.
    treeshake: { moduleSideEffects: false },
  });
  await build.write({
    dir: out,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
  });
  await build.close();
}
