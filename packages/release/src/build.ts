import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitDeclarations, type Workshop, writeDeclarations } from "./declarations.ts";
import { manifestOf } from "./manifest.ts";
import { manifest, type Manifest, type Published, published } from "./published.ts";
import { writeScripts } from "./scripts.ts";

/** A package that was built: the folder that is published. */
export type Built = { name: Published; folder: string };

/** Builds every package that is published, each into a folder of its own under `out`. */
export async function buildAll(root: string, out: string): Promise<Built[]> {
  const scratch = mkdtempSync(join(tmpdir(), "offhook-declarations-"));
  try {
    const packages = published.map((name) => ({ name, about: readManifest(join(root, "packages", name)) }));
    const sources = packages.flatMap(({ name, about }) =>
      Object.values(about.exports).map((source) => join(root, "packages", name, source)),
    );
    emitDeclarations({ root, scratch }, sources);
    const built: Built[] = [];
    for (const one of packages) built.push(await build({ root, scratch }, { ...one, out }));
    return built;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Building = { name: Published; about: Manifest; out: string };

async function build(workshop: Workshop, { name, about, out }: Building): Promise<Built> {
  const source = join(workshop.root, "packages", name);
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await writeScripts(source, about, folder);
  writeDeclarations(workshop, name, { manifest: about, out: folder });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifestOf(about), null, 2)}\n`);
  cpSync(join(workshop.root, "LICENSE"), join(folder, "LICENSE"));
  cpSync(join(source, "README.md"), join(folder, "README.md"));
  return { name, folder };
}

/** Packs a built package as npm would publish it, and gives the tarball's path. */
export function pack({ folder }: Pick<Built, "folder">, destination: string): string {
  mkdirSync(destination, { recursive: true });
  const told = execFileSync("npm", ["pack", folder, "--json", "--pack-destination", destination], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, filename] = /"filename":\s*"([^"]+)"/u.exec(told) ?? [];
  if (filename === undefined) throw new Error("npm pack did not say which file it wrote");
  return join(destination, filename);
}

function readManifest(folder: string): Manifest {
  return manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
}
