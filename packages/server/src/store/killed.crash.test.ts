import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalStore, openSqliteStore } from "./sqlite/sqlite-store.ts";
import { laneOf } from "./testing/opened.ts";
import { sampleCallId } from "./testing/samples.ts";

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-killed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function freshPath(): string {
  files += 1;
  return join(folder, String(files), "offhook.db");
}

describe("a server that is killed while it appends", () => {
  it.each([
    { calls: 1, acknowledged: 1 },
    { calls: 1, acknowledged: 40 },
    { calls: 8, acknowledged: 100 },
    { calls: 20, acknowledged: 333 },
    { calls: 3, acknowledged: 1_500 },
  ])(
    "has lost nothing of $calls calls after $acknowledged acknowledgements",
    async ({ calls, acknowledged }) => {
      const path = freshPath();
      const last = await killedAfter(path, { calls, acknowledged });
      const store = await openSqliteStore(path);
      for (const [number, seq] of last) {
        const callId = sampleCallId(number);
        const found = await store.entriesOfCall({ callId, after: 0, limit: 100_000 });
        expect(found.map((entry) => entry.seq)).toEqual(found.map((_, index) => index + 1));
        expect(found.length).toBeGreaterThanOrEqual(seq);
        expect(found.length % 2, "a commit of two is there in whole").toBe(0);
        const told = found.filter(({ sequence }) => sequence !== null);
        expect(await laneOf(store, callId)).toMatchObject({
          last: told.length,
          lastConversation: told.length,
        });
      }
      await store.close();
    },
  );

  it("has its log moved into the database at the next start, so that it does not grow from kill to kill", async () => {
    const path = freshPath();
    await killedAfter(path, { calls: 1, acknowledged: 40 });
    const store = await openSqliteStore(path);
    // The second is answered after the log was moved.
    await store.countKeys();
    await store.countKeys();
    await copyFile(path, `${path}-alone`);
    const alone = openLocalStore(`${path}-alone`);
    expect(await alone.entriesOfCall({ callId: sampleCallId(1), after: 0, limit: 100 })).not.toEqual([]);
    await alone.close();
    await store.close();
  });
});

/** Lets a process append until so many commits are acknowledged, kills it, and answers the last seq of each call. */
async function killedAfter(path: string, { calls, acknowledged }: { calls: number; acknowledged: number }) {
  const script = fileURLToPath(new URL("testing/append-until-killed.ts", import.meta.url));
  const child = spawn(process.execPath, [script, path, String(calls)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = new Map<number, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [number = 0, seq = 0] = line.split(" ").map(Number);
    last.set(number, seq);
    seen += 1;
    if (seen === acknowledged) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "exit");
  expect([child.signalCode, seen >= acknowledged]).toEqual(["SIGKILL", true]);
  return last;
}
