import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from "@microsoft/api-extractor";
import { bundled, fileOf, type Manifest } from "./published.ts";

/** Where declarations are made: the checkout, and a folder for what is between. */
export type Workshop = { root: string; scratch: string };

/** Has the compiler write a declaration for every source that the entries lead to. */
export function emitDeclarations({ root, scratch }: Workshop, sources: readonly string[]): void {
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, "packages"),
      outDir: scratch,
      typeRoots: [join(root, "node_modules/@types")],
    },
    // What is opened through node_modules is not emitted unless it is named.
    files: [...sources, join(root, "packages/protocol/src/protocol.ts")],
    include: [],
  };
  const file = join(scratch, "tsconfig.json");
  mkdirSync(scratch, { recursive: true });
  writeFileSync(file, JSON.stringify(config));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", file], { stdio: "inherit" });
  writeStandIn({ root, scratch });
}

/** The protocol's declarations as an installed package, which is how they are found under its name. */
function writeStandIn({ scratch }: Workshop): void {
  const home = join(scratch, "node_modules", bundled);
  cpSync(join(scratch, "protocol/src"), home, { recursive: true });
  const manifest = { name: bundled, version: "0.0.0", type: "module", types: "protocol.d.ts" };
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
}

/** Rolls the declarations of each entry up into one file, the protocol's included. */
export function writeDeclarations(
  workshop: Workshop,
  folder: string,
  given: { manifest: Manifest; out: string },
): void {
  for (const [entry, source] of Object.entries(given.manifest.exports)) {
    const declaration = join(workshop.scratch, folder, source.replace(/\.ts$/u, ".d.ts"));
    const config = ExtractorConfig.prepare({
      configObject: configOf(workshop, declaration, join(given.out, `${fileOf(entry)}.d.ts`)),
      configObjectFullPath: undefined,
      packageJsonFullPath: join(workshop.root, "packages", folder, "package.json"),
    });
    const { succeeded } = Extractor.invoke(config, {
      localBuild: true,
      // Its only news is where it writes.
      messageCallback: (message) => (message.handled = message.logLevel !== ExtractorLogLevel.Error),
    });
    if (!succeeded) throw new Error(`the declarations of ${source} could not be rolled up`);
  }
}

function configOf({ root, scratch }: Workshop, declaration: string, rolled: string): IConfigFile {
  const compilerOptions = {
    target: "es2022",
    lib: ["esnext", "dom", "dom.iterable"],
    module: "nodenext",
    moduleResolution: "nodenext",
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    paths: { zod: [join(root, "node_modules/zod/index.d.ts")] },
  };
  return {
    projectFolder: scratch,
    mainEntryPointFilePath: declaration,
    bundledPackages: [bundled],
    compiler: { overrideTsconfig: { compilerOptions, files: [declaration] } },
    dtsRollup: { enabled: true, untrimmedFilePath: rolled },
    apiReport: { enabled: false },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } } },
  };
}
