import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { type Folder, openFolder } from "./harness/folder.ts";
import { atMost } from "./harness/report.ts";
import { type Contender, type Figures, figureOf, interleave } from "./harness/rounds.ts";
import { pause, processorSecondsOf, sharedNowMs } from "./harness/time.ts";
import type { ManyEventsDoes } from "./processes/many-events.ts";

const events = { full: 1_000_000, quick: 5_000 };
const startMaxMs = 120_000;
const main = fileURLToPath(import.meta.resolve("@offhook/server/main"));
const bare = fileURLToPath(new URL("processes/bare-server.ts", import.meta.url));

/** P10: from the start of the process to its first good answer on /readyz. */
export const bench: Bench = {
  title: "start to ready, with an empty store and with a full one",
  packages: [],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    const count = quick ? events.quick : events.full;
    await fill(folder, count);
    tell(`${count} events are in the store`);
    const cache = join(folder.path, "compile-cache");
    const contenders: Contender[] = [
      { name: "bare node:http", round: () => start({ file: bare, data: folder.path, cache }) },
      {
        name: "first start ever",
        round: () => inFresh((fresh) => ({ data: fresh, cache: join(fresh, "cache") })),
      },
      { name: "empty store", round: () => inFresh((fresh) => ({ data: fresh, cache })) },
      { name: `${count} events`, round: () => start({ file: main, data: folder.path, cache }) },
    ];
    const results = await interleave(contenders, { rounds, warmUp: true, tell });
    return {
      results,
      verdicts: [
        atMost("empty store, s", figureOf(results, "empty store", "secondsToReady"), 0.5),
        atMost("full store, s", figureOf(results, `${count} events`, "secondsToReady"), 1),
      ],
      setting: [
        "from spawning the process to 200 on /readyz; the server reads its own TypeScript, with Node's compile cache",
        "processorSeconds: what the process had used by then, of both cores; it says more than the clock where others use the machine",
        `the full store: ${count} events of ${count / 500} calls that are over, all accepted, each with its attempt`,
      ],
      leavesOut: [
        "npm or npx in front of it",
        "a cold disk: the store was written or read a moment ago, so it is in the system's cache",
        "calls that a kill left live: each is read and finished in the background of a start",
        "the very first start, which compiles everything, is shown beside the others and has no target",
      ],
    };
  },
};

async function fill(folder: Folder, count: number): Promise<void> {
  await using filler = openChild<ManyEventsDoes>("many-events.ts");
  await filler.ask("fill", { folder: folder.path, events: count });
}

async function inFresh(of: (fresh: string) => { data: string; cache: string }): Promise<Figures> {
  await using folder = await openFolder();
  return await start({ file: main, ...of(folder.path) });
}

async function start({ file, data, cache }: { file: string; data: string; cache: string }): Promise<Figures> {
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: cache,
    OFFHOOK_DATA: data,
    OFFHOOK_PORT: "0",
    OFFHOOK_API_KEY: "a-key-for-benches-only",
    OFFHOOK_LOG_LEVEL: "error",
  };
  const startedAt = sharedNowMs();
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    const url = await urlOf(child);
    while ((await fetch(`${url}/readyz`)).status !== 200) await pause(1);
    const secondsToReady = (sharedNowMs() - startedAt) / 1e3;
    return { secondsToReady, processorSeconds: processorSecondsOf(child.pid ?? 0) };
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const limit = setTimeout(
      () => reject(new Error(`the server was not there after ${startMaxMs} ms`)),
      startMaxMs,
    );
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const [, url] = /listens on (\S+)/u.exec(text) ?? [];
      if (url === undefined) return;
      clearTimeout(limit);
      resolve(url);
    });
    child.once("exit", (code) => {
      clearTimeout(limit);
      reject(new Error(`the server ended with ${code}`));
    });
  });
}
