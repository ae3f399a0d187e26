import { writeSync } from "node:fs";
import { sleep, systemClock } from "../../clock.ts";
import { openSqliteStore } from "../sqlite/sqlite-store.ts";
import { SampleJournal, spoken, untold } from "./samples.ts";

/**
 * A process that opens a store and appends to several calls at the same time,
 * two entries to a commit, until it is killed. On its output is a line
 * `<call> <seq>` for each commit, written once it was acknowledged.
 */
const [, , path = "", calls = "1"] = process.argv;
const store = await openSqliteStore(path);

async function appendForEver(number: number): Promise<never> {
  const journal = new SampleJournal(number);
  await store.openJournal(journal.open(spoken("1")));
  for (;;) {
    const seq = journal.entries.length;
    await tell(`${number} ${seq}\n`);
    await store.append(journal.write(untold, spoken(`${seq + 2}`)));
  }
}

/** Whoever reads may be slower than the store is: then the pipe is full. */
async function tell(line: string): Promise<void> {
  for (;;) {
    try {
      return void writeSync(1, line);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      await sleep(systemClock, 1);
    }
  }
}

await Promise.all(Array.from({ length: Number(calls) }, (_, index) => appendForEver(index + 1)));
