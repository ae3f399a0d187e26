import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { offhook } from "@offhook/client";
import {
  type Cluster,
  type Engines,
  type Front,
  openCluster,
  openEngines,
  openFront,
} from "@offhook/server/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sleep, systemNow } from "../clock.ts";
import { testKey } from "../testing/server.ts";

let folder: string;
let engines: Engines;
let front: Front;
let cluster: Cluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-call-"));
  engines = await openEngines();
  front = await openFront();
  cluster = await openCluster({ aheadMs: [0, 0, 0], engines, env: { OFFHOOK_PUBLIC_URL: front.url } });
  front.leadTo(cluster.members.map(({ server }) => server.url));
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await front?.close();
  await engines?.close();
  await rm(folder, { recursive: true });
});

/** `offhook call` in a terminal of its own, in which a person types. */
function typedCall() {
  const file = join(folder, "echo.json");
  const rules = [{ when: ["line {number}"], say: "That was line {{number}}." }];
  const assistant = { name: "Echo", assistantProvider: "rehearsal", welcomeMessage: "Hello!" };
  writeFileSync(file, JSON.stringify({ ...assistant, rehearsal: { rules } }));
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const command = `${process.execPath} ${main} call --url ${front.url} --key ${testKey} --file ${file}`;
  const child: ChildProcess = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  let said = "";
  child.stdout?.on("data", (piece: Buffer) => (said += piece.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    said: () => said,
    type: (words: string) => child.stdin?.write(words),
    exited,
    end: () => child.kill("SIGKILL"),
    /** How long it took until it said this, in ms. */
    async until(words: string, limitMs = 20_000): Promise<number> {
      const begunAt = systemNow();
      while (!said.includes(words)) {
        if (systemNow() > begunAt + limitMs) throw new Error(`it never said ${words}, but:\n${said}`);
        await sleep(20);
      }
      return systemNow() - begunAt;
    },
  };
}

/** The call of the terminal. */
async function liveCallId(): Promise<string> {
  const calls = await offhook({ url: front.url, apiKey: testKey }).calls.list({ status: "ongoing" });
  const id = calls.ok ? calls.value.data[0]?.id : undefined;
  if (id === undefined) throw new Error("there is no live call");
  return id;
}

const endOfInput = "\u0004";

it("a chat in the terminal goes on whichever server is killed, and its user notices a pause", async () => {
  const call = typedCall();
  try {
    await call.until("Hello!");
    call.type("line one\n");
    await call.until("That was line one.");
    const callId = await liveCallId();
    const holder = await cluster.witness?.holderOf(callId);
    // The one that holds the call first; one of the others has the terminal's connection.
    const inTurn = cluster.members.toSorted((one) => (one.server.url === holder ? -1 : 1));
    expect(inTurn[0]?.server.url).toBe(holder);
    const pausesMs: number[] = [];
    for (const [index, { server }] of inTurn.entries()) {
      await server.kill();
      call.type(`line ${index}\n`);
      pausesMs.push(await call.until(`That was line ${index}.`));
      await server.start();
    }
    call.type(endOfInput);
    await call.until("The call has ended: user-hung-up.");
    expect(await call.exited).toBe(0);
    expect(call.said().match(/That was line \w+\./gu)).toHaveLength(4);
    expect(call.said()).not.toContain("error");
    process.stdout.write(`pauses after a kill: ${pausesMs.join(", ")} ms\n`);
  } finally {
    call.end();
  }
}, 120_000);
