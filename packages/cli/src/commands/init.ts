import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Came, ending } from "../ending.ts";
import { packagesFrom } from "../init/packages.ts";
import { filesOf, type Template, templates } from "../init/templates.ts";
import { withExamples } from "../options.ts";
import { makeSecret } from "../random.ts";
import type { Terminal } from "../terminal.ts";
import type { Wiring } from "../wiring.ts";

type InitOptions = { template: Template; from?: string; install: boolean };

/** `offhook init`: a new application. */
export function addInit(program: Command, wiring: Wiring): void {
  const command = program
    .command("init")
    .description("make an application with a Server URL in a new folder")
    .argument("<folder>", "where; it must be new, or empty")
    .addOption(new Option("--template <name>", "on what it stands").choices(templates).default("node"))
    .option(
      "--from <folder>",
      "take our package from the tarball in this folder that `npm run build:packages` made",
    )
    .option("--no-install", "only write the files");
  withExamples(command, [
    "offhook init reception",
    "offhook init reception --template hono",
    "offhook init reception --template express --from ../offhook/dist",
  ]).action((folder: string, options: InitOptions) => ending(wiring, init(wiring.terminal, folder, options)));
}

async function init(terminal: Terminal, folder: string, options: InitOptions): Promise<Came> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    return { failure: `${folder} is not empty: name a new folder.` };
  const packages = packagesFrom(options.from);
  if ("failure" in packages) return packages;
  const { template, install } = options;
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/gu, "-");
  const files = filesOf({ name, template, secret: makeSecret(), ours: packages.ours });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text, path === ".env" ? { mode: 0o600 } : {});
    terminal.print(`wrote ${join(folder, path)}`);
  }
  if (install && !(await installed(folder)))
    return {
      failure: `npm install failed in ${folder}; the files are there. Until the packages are published, --from takes tarballs.`,
    };
  terminal.note(
    `Next: cd ${folder}${install ? "" : " && npm install"} && npx offhook dev -f assistant.yaml -- npm start. README.md says the rest.`,
  );
  return undefined;
}

async function installed(folder: string): Promise<boolean> {
  const child = spawn("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = await Promise.race([once(child, "exit"), once(child, "error")]);
  return ended[0] === 0;
}
