import { join } from "node:path";
import type { Happening } from "@offhook/protocol";
import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { bytesUsed } from "./harness/database.ts";
import { openFolder } from "./harness/folder.ts";
import { openHouse, write } from "./harness/house.ts";
import { atMost } from "./harness/report.ts";
import { type Figures, mediansOf, type Result } from "./harness/rounds.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

const lengths = { full: [10, 30, 100, 300, 1_000], quick: [10, 40] };
/** In all, of calls of one length; so that a page more or less says nothing. */
const messages = { full: 4_000, quick: 200 };
const textBytes = 120;
const drainMaxMs = 120_000;

/** P8: what a message takes in the store, in a short call and in a long one. */
export const bench: Bench = {
  title: "bytes stored per message as a call grows",
  packages: [],
  async run({ quick }, tell) {
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
    const url = `http://127.0.0.1:${port}/hook`;
    const total = quick ? messages.quick : messages.full;
    const results: Result[] = [];
    for (const length of quick ? lengths.quick : lengths.full) {
      const figures = await measure({ url, length, calls: Math.ceil(total / length) });
      tell(`${length} messages a call: ${Math.round(figures["bytesPerMessage"] ?? 0)} bytes each`);
      results.push({ name: `${length} messages a call`, median: mediansOf([figures]), rounds: [figures] });
    }
    const bytes = results.map(({ median }) => median["bytesPerMessage"] ?? Number.NaN);
    const shortest = bytes[0] ?? Number.NaN;
    const furthest = Math.max(...bytes.map((one) => Math.abs(one / shortest - 1)));
    return {
      results,
      verdicts: [atMost("furthest from the shortest call, as a share", furthest, 0.1)],
      setting: [
        `${total} messages of ${textBytes} characters in each store, every one of them told to the Server URL and accepted`,
        "bytesPerMessage: entry, attempt with its headers, indexes; without what a call takes before its first message",
        "bytes do not vary, so there is one round",
      ],
      leavesOut: [
        "the write-ahead log, which is a few MiB whatever the store holds",
        "failed attempts: each takes as much again as an accepted one",
        "what a call without messages takes, shown as bytesPerEmptyCall",
      ],
    };
  },
};

async function measure(given: { url: string; length: number; calls: number }): Promise<Figures> {
  const { length, calls } = given;
  const empty = await bytesOf({ ...given, length: 0 });
  const full = await bytesOf(given);
  return {
    bytesPerMessage: (full - empty) / (length * calls),
    bytesPerEmptyCall: empty / calls,
    bytesPerMessageAndItsPartOfTheCall: full / (length * calls),
  };
}

async function bytesOf({ url, length, calls }: { url: string; length: number; calls: number }) {
  await using folder = await openFolder();
  const house = await openHouse(folder.path);
  house.deliver();
  const talk = async (): Promise<void> => {
    const journal = await house.openJournal(url);
    for (let number = 1; number <= length; number += 1) await write(journal, messageOf(number, Date.now()));
  };
  await Promise.all(Array.from({ length: calls }, talk));
  const isDone = await house.drained(drainMaxMs);
  await house.close();
  if (!isDone) throw new Error(`the events of ${calls} calls were not delivered within ${drainMaxMs} ms`);
  return bytesUsed(join(folder.path, "offhook.sqlite"));
}

function messageOf(number: number, timestamp: number): Happening {
  const role = number % 2 === 0 ? "user" : "assistant";
  const messageId = `msg_00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  const text = "I would like to see the doctor next week. ".repeat(4).slice(0, textBytes);
  return { type: "message-added", heard: "whole", message: { messageId, role, text, timestamp } };
}
