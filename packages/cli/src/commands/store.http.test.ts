import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { offhook } from "@offhook/client";
import { openApp, toConfig } from "@offhook/server";
import { good, testKey, testServer, type TestServer } from "../testing/server.ts";
import { typed } from "../testing/typed.ts";

let server: TestServer;
let data = "";
let copy = "";
beforeEach(async () => {
  server = await testServer();
  data = join(server.folder, "data");
  copy = join(server.folder, "copy.sqlite");
});
afterEach(() => server.close());

const echo = { assistant: { name: "Echo", assistantProvider: "rehearsal" } } as const;

/** Makes calls without a pause until it is told to stop, and answers which. */
function busily(): { stop: () => Promise<string[]> } {
  const stopping = new AbortController();
  const made: string[] = [];
  const going = (async () => {
    while (!stopping.signal.aborted) made.push((await good(server.client.calls.connect(echo))).id);
  })();
  return {
    async stop() {
      stopping.abort();
      await going;
      return made;
    },
  };
}

async function callsOf(folder: string): Promise<string[]> {
  const app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: testKey,
      OFFHOOK_LOG_LEVEL: "silent",
    }),
  );
  try {
    const ids: string[] = [];
    for await (const answer of offhook({ url: app.url, apiKey: testKey }).calls.each()) {
      if (!answer.ok) throw new Error(answer.problem.detail);
      ids.push(answer.value.id);
    }
    return ids;
  } finally {
    await app.close();
  }
}

it("a server starts on a copy that was made while another was writing, with all that was there before", async () => {
  const before = (await good(server.client.calls.connect(echo))).id;
  const work = busily();
  const said = await typed("store", "backup", copy, "--data", data);
  const meanwhile = await work.stop();
  expect(said).toMatchObject({ out: `${copy}\n`, code: 0 });
  const restored = join(server.folder, "restored");
  mkdirSync(restored);
  copyFileSync(copy, join(restored, "offhook.sqlite"));
  copyFileSync(join(data, "secret.key"), join(restored, "secret.key"));
  const calls = await callsOf(restored);
  expect(calls).toContain(before);
  // Of what was made meanwhile it has the first ones without a gap.
  const kept = meanwhile.filter((id) => calls.includes(id));
  expect(kept).toEqual(meanwhile.slice(0, kept.length));
  expect(calls).toHaveLength(1 + kept.length);
});

it("a copy without its key is refused at the start", async () => {
  await typed("store", "backup", copy, "--data", data);
  const restored = join(server.folder, "restored");
  mkdirSync(restored);
  copyFileSync(copy, join(restored, "offhook.sqlite"));
  await expect(callsOf(restored)).rejects.toThrow(/secret\.key/u);
});

it("leaves a file alone that is there, and says so", async () => {
  writeFileSync(copy, "mine");
  const said = await typed("store", "backup", copy, "--data", data);
  expect(said).toMatchObject({ out: "", code: 1 });
  expect(said.beside).toContain("there already");
});

it("says where there is no store, and makes none", async () => {
  const nowhere = join(server.folder, "nowhere");
  const said = await typed("store", "backup", copy, "--data", nowhere);
  expect(said).toMatchObject({ out: "", code: 1 });
  expect(said.beside).toContain("--data");
  expect(existsSync(nowhere)).toBe(false);
});

it("leaves nothing behind where it cannot write", async () => {
  const said = await typed("store", "backup", join(server.folder, "none", "copy.sqlite"), "--data", data);
  expect(said).toMatchObject({ out: "", code: 1 });
  expect(readdirSync(server.folder).toSorted()).toEqual(["data"]);
});
