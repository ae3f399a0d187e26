import { join } from "node:path";
import type { Attempt } from "@offhook/protocol";
import {
  type CallJournal,
  type LaneRow,
  openBus,
  openPostgresStore,
  openSqliteStore,
  pinoLog,
  type Settlement,
  type Store,
  systemRandom,
} from "@offhook/server/testing";
import type { Bench } from "./harness/bench.ts";
import { bodyBytes, paddedEvent } from "./harness/event.ts";
import { openFolder } from "./harness/folder.ts";
import { beginJournal, write } from "./harness/house.ts";
import { openPostgres } from "./harness/peers.ts";
import { atLeast } from "./harness/report.ts";
import { figureOf, type Figures, interleave } from "./harness/rounds.ts";
import { processorSeconds } from "./harness/time.ts";

const sizes = { full: { calls: 1_000, events: 50 }, quick: { calls: 20, events: 3 } };
const claimsTarget = 25_000;
const url = "https://app.example.org/offhook";

/** The stores themselves: what calls write at once, and what is claimed and settled of it. */
export const bench: Bench = {
  title: "entries written, and events claimed in order, per second",
  packages: ["pg"],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    await using peers = await openFolder();
    await using postgres = await openPostgres(peers.path);
    const stores = {
      sqlite: await openSqliteStore(join(folder.path, "offhook.sqlite")),
      postgres: await openPostgresStore(postgres.connectionString),
    };
    const size = quick ? sizes.quick : sizes.full;
    const contenders = Object.entries(stores).map(([name, store]) => ({
      name,
      round: () => round(store, size),
    }));
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    for (const store of Object.values(stores)) await store.close();
    return {
      results,
      verdicts: [
        atLeast(
          "claims per second on postgres",
          figureOf(results, "postgres", "claimsPerSecond"),
          claimsTarget,
        ),
      ],
      setting: [
        `${size.calls} calls, each with ${size.events} events of about ${bodyBytes} bytes: each call writes its next when the last is on disk; then all lanes are claimed, and each event is settled with its attempt before the next of its call`,
        `PostgreSQL ${postgres.version}: fsync on, synchronous_commit on; SQLite: WAL, synchronous FULL`,
        "processorMicroseconds…: of this process, the embedded store's threads included and PostgreSQL's processes not",
      ],
      leavesOut: [
        "a network: PostgreSQL is on this machine and shares its cores",
        "requests to Server URLs: the attempts are made up",
      ],
    };
  },
};

type Size = { calls: number; events: number };

async function round(store: Store, { calls, events }: Size): Promise<Figures> {
  const random = systemRandom;
  const nodeId = random.uuid();
  const roles = ["api", "calls", "delivery"] as const;
  await store.keepLease({ nodeId, url, roles, live: 0, takesCalls: true, leaseMs: 3_600_000 });
  const parts = {
    store,
    bus: openBus(pinoLog({ level: "error", pii: false, version: "bench" })),
    handOver: () => {},
  };
  const uuids = Array.from({ length: calls }, () => random.uuid());
  const journals = await Promise.all(
    uuids.map((uuid) => beginJournal(parts, { url, uuid, now: Date.now() })),
  );
  const written = await timed(calls * events, () =>
    Promise.all(journals.map((journal) => writeAll(journal, events))),
  );
  const claimed = await timed(calls * events, () => claimAll(store, calls));
  return {
    entriesPerSecond: written.perSecond,
    claimsPerSecond: claimed.perSecond,
    processorMicrosecondsPerEntry: written.processorMicroseconds,
    processorMicrosecondsPerClaim: claimed.processorMicroseconds,
  };
}

async function timed(count: number, act: () => Promise<unknown>) {
  const startedAt = performance.now();
  const processor = processorSeconds();
  await act();
  const seconds = (performance.now() - startedAt) / 1e3;
  return {
    perSecond: count / seconds,
    processorMicroseconds: ((processorSeconds() - processor) / count) * 1e6,
  };
}

async function writeAll(journal: CallJournal, events: number): Promise<void> {
  for (let event = 0; event < events; event += 1) await write(journal, paddedEvent(bodyBytes));
}

/** Claims what is due, page by page, and settles each lane to its end. */
async function claimAll(store: Store, calls: number): Promise<void> {
  const lanes = await store.dueLanes({ now: Date.now() + 1_000, limit: calls });
  if (lanes.length !== calls) throw new Error(`${lanes.length} lanes are due, and not ${calls}`);
  await Promise.all(lanes.map((lane) => settleAll(store, lane)));
  const left = await store.dueLanes({ now: Date.now() + 1_000, limit: 1 });
  if (left.length > 0) throw new Error("something is due that was settled");
}

async function settleAll(store: Store, first: LaneRow): Promise<void> {
  let lane = first;
  while (lane.settled < lane.last) {
    const { settled } = lane;
    lane = await store.settle(acceptanceOf(lane));
    if (lane.settled !== settled + 1) throw new Error("an event was settled out of its order");
  }
}

function acceptanceOf({ callId, settled, attempts }: LaneRow): Settlement {
  const at = Date.now();
  const none = { missed: [], againDone: [], givenUp: [], recovered: [], notRecovered: [], retryAt: null };
  const log = [{ sequence: settled + 1, attempt: attemptAt(at) }];
  return { callId, basedOn: { settled, attempts }, settled: settled + 1, attempts: 0, at, log, ...none };
}

function attemptAt(at: number): Attempt {
  return {
    attempt: 1,
    at,
    elapsedMs: 12,
    phases: { dnsMs: 1, connectMs: 2, tlsMs: 4, firstByteMs: 11 },
    outcome: "accepted",
    detail: "answered 200 OK",
    request: { url, headers: { "content-type": "application/json", "webhook-signature": "v1,••••••••" } },
    answer: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
  };
}
