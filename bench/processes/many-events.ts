import type { Attempt } from "@offhook/protocol";
import { answerParent } from "../harness/child.ts";
import { benchSecret, paddedEvent } from "../harness/event.ts";
import { type House, openHouse } from "../harness/house.ts";

/** Fills a store by its own API as a server does that has been running for long: calls that are over, events that were accepted. */
const handlers = { fill };
export type ManyEventsDoes = typeof handlers;

answerParent(handlers);

const reported = {
  type: "reported",
  cost: {
    callDuration: 60,
    llmPromptTokens: 0,
    llmCompletionTokens: 0,
    llmRequestsUncounted: 0,
    llmCost: 0,
    currency: "USD",
  },
  metrics: {
    turns: 0,
    toolCalls: 0,
    toolFailures: 0,
    hangs: 0,
    errors: 0,
    llm: { requests: 0, firstContentMs: null },
  },
} as const;

const perCall = 500;
const perCommit = 50;
const atOnce = 32;

async function fill({ folder, events }: { folder: string; events: number }): Promise<void> {
  const house = await openHouse(folder);
  let left = Math.ceil(events / perCall);
  const fillCalls = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await fillCall(house);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, fillCalls));
  await house.close();
}

async function fillCall(house: House): Promise<void> {
  const journal = await house.openJournal("http://127.0.0.1:9/hook");
  const events = Array.from({ length: perCommit }, () => paddedEvent(0));
  for (let written = 0; written < perCall; written += perCommit) await journal.append(events, Date.now());
  const finished = { type: "status-changed", status: "finished", endedReason: "user-hung-up" } as const;
  await journal.append([finished, reported], Date.now());
  const log = Array.from({ length: perCall }, (_, index) => ({
    sequence: index + 1,
    attempt: attemptAt(index),
  }));
  const { callId } = journal;
  const nothing = { missed: [], againDone: [], givenUp: [], recovered: [], notRecovered: [] };
  const at = Date.now();
  const basedOn = { settled: 0, attempts: 0 };
  await house.store.settle({
    callId,
    basedOn,
    settled: perCall,
    attempts: 0,
    retryAt: null,
    at,
    log,
    ...nothing,
  });
}

/** An attempt as the log keeps it. */
function attemptAt(index: number): Attempt {
  return {
    attempt: 1,
    at: Date.now(),
    elapsedMs: 3,
    phases: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 3 },
    outcome: "accepted",
    detail: "answered 200 OK",
    request: {
      url: "http://127.0.0.1:9/hook",
      headers: {
        "content-type": "application/json",
        "user-agent": "Offhook/0.1.0",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "webhook-id": `evt_TC-00000000-0000-4000-8000-000000000000_${index + 1}`,
        "webhook-timestamp": "1772442000",
        "webhook-signature": `v1,${benchSecret.slice(0, 44)}`,
        "offhook-attempt": "1",
      },
    },
    answer: {
      status: 200,
      headers: { "content-type": "application/json", "content-length": "2" },
      body: "{}",
    },
  };
}
