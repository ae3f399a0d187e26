import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { becomes, SampleJournal, spoken } from "../testing/samples.ts";
import { openSqliteStore } from "./sqlite-store.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-log-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const calls = 100;
const bytesPerMiB = 2 ** 20;

describe("the write-ahead log", () => {
  it("begins anew while it is written to all the time: 60,000 commits leave no more than some", async () => {
    const path = join(folder, "offhook.db");
    const store = await openSqliteStore(path);
    const journals = Array.from({ length: calls }, (_, index) => new SampleJournal(index + 1));
    await Promise.all(journals.map((journal) => store.openJournal(journal.open(becomes("queued")))));
    const writeOn = async (journal: SampleJournal): Promise<void> => {
      for (let turn = 0; turn < 600; turn += 1) await store.append(journal.write(spoken("x".repeat(100))));
    };
    await Promise.all(journals.map(writeOn));
    const { size } = await stat(`${path}-wal`);
    await store.close();
    // All that was written is about 400 MiB of pages; the log was about 75 when it began anew.
    expect(size).toBeLessThan(160 * bytesPerMiB);
  });
});
