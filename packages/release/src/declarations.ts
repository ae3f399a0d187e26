import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
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
    files: [...sources, ...protocolSources(root)],
    include: [],
  };
  const file = join(scratch, "tsconfig.json");
  mkdirSync(scratch, { recursive: true });
  writeFileSync(file, JSON.stringify(config));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", file], { stdio: "inherit" });
  nameAsEmitted(scratch);
}

/** The protocol is opened through node_modules, and what is found there is only emitted when it is named itself. */
function protocolSources(root: string): string[] {
  const folder = join(root, "packages/protocol/src");
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return names.map((name) => join(folder, name));
}

/**
 * Has declarations name each other as the files that there will be: the
 * compiler leaves the names of the sources, and the protocol's as a package.
 */
function nameAsEmitted(scratch: string): void {
  const protocol = join(scratch, "protocol/src/protocol.js");
  for (const entry of readdirSync(scratch, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".d.ts")) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, "utf8")
      .replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/gu, "$1$2.js$1")
      .replaceAll(`"${bundled}"`, `"${relative(entry.parentPath, protocol)}"`);
    writeFileSync(file, text);
  }
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
    module: "esnext",
    moduleResolution: "bundler",
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
    compiler: { overrideTsconfig: { compilerOptions, files: [declaration] } },
    dtsRollup: { enabled: true, untrimmedFilePath: rolled },
    apiReport: { enabled: false },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } } },
  };
}
