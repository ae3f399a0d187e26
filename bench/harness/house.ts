import { join } from "node:path";
import { assistantBody, connectBody, defaultTeam, type Happening, makeCallId } from "@offhook/protocol";
import {
  CallJournal,
  destinationOf,
  type Egress,
  firstHappenings,
  type JournalParts,
  openBus,
  openEgress,
  openPrometheus,
  openRooms,
  openSealOf,
  openSqliteStore,
  parseAllow,
  pinoLog,
  type Ports,
  rehearsalModel,
  sealedStore,
  type Settlement,
  type Store,
  systemClock,
  systemRandom,
} from "@offhook/server/testing";
import { benchSecret } from "./event.ts";

/** Watches what passes two of the ports; what is not watched costs nothing. */
export type Watch = {
  /** An attempt's outcome is on disk. */
  settled?: (settlement: Settlement) => void;
  egress?: (egress: Egress) => Egress;
};

/** The server's parts as `app.ts` wires them, on a real store, without the HTTP API: what a bench writes to. */
export type House = {
  store: Store;
  openJournal(url: string): Promise<CallJournal>;
  /** Delivers until it is closed; what was written before waits in the store, as after a restart. */
  deliver(): void;
  drained(limitMs: number): Promise<boolean>;
  close(): Promise<void>;
};

const callsMax = 100_000;

export async function openHouse(folder: string, watch: Watch = {}): Promise<House> {
  const clock = systemClock;
  const random = systemRandom;
  const log = pinoLog({ level: "error", pii: false, version: "bench" });
  const engine = await openSqliteStore(join(folder, "offhook.sqlite"));
  const seal = await openSealOf({ store: engine, folder, key: undefined, random });
  const store = watched(sealedStore(engine, seal), watch.settled);
  const allow = parseAllow("loopback");
  if (allow.kind !== "rules") throw new Error("loopback must be a word that the guard knows");
  const open = openEgress({ rules: allow.rules, clock });
  const egress = watch.egress?.(open) ?? open;
  const telemetry = openPrometheus({ store, clock });
  const model = rehearsalModel(clock);
  const ports: Ports = { clock, random, log, store, bus: openBus(log), egress, model, telemetry };
  const { delivery } = openRooms(ports, { egress: allow.rules, callsMax });
  const running = new AbortController();
  let delivering: Promise<void> | undefined;
  const parts: JournalParts = {
    store,
    bus: ports.bus,
    handOver: (handover) => (delivering === undefined ? undefined : delivery.handOver(handover)),
  };
  return {
    store,
    openJournal: (url) => beginJournal(parts, { url, uuid: random.uuid(), now: clock.now() }),
    deliver: () => void (delivering ??= delivery.run(running.signal)),
    drained: (limitMs) => delivery.drained(limitMs),
    async close() {
      running.abort();
      await open.close();
      await delivering;
      await engine.close();
    },
  };
}

function watched(store: Store, settled: Watch["settled"]): Store {
  if (settled === undefined) return store;
  return {
    ...store,
    settle: async (settlement) => {
      const row = await store.settle(settlement);
      settled(settlement);
      return row;
    },
  };
}

/** A call as a connect makes it, but for its shell: whoever holds the journal says what happens. */
export async function beginJournal(
  parts: JournalParts,
  { url, uuid, now }: { url: string; uuid: string; now: number },
): Promise<CallJournal> {
  const assistant = assistantBody.parse({
    name: "Bench",
    assistantProvider: "rehearsal",
    assistantServer: { url, secret: benchSecret, messages: ["conversation-update", "error"] },
  });
  const who = { assistantId: null, assistant: { ...assistant, tools: [] }, mcp: [], missing: [] };
  const callId = makeCallId("chat", uuid);
  const happenings = firstHappenings({
    teamId: defaultTeam,
    body: connectBody.parse({}),
    callId,
    found: { who, number: undefined, chosen: undefined },
    now,
  });
  const opening = { teamId: defaultTeam, callId, destination: destinationOf(who), assistant };
  return CallJournal.begin(parts, { ...opening, happenings, at: now });
}

/** What is written at once, as a call writes it: on disk when it settles. */
export async function write(journal: CallJournal, ...happenings: Happening[]): Promise<void> {
  await journal.append(happenings, Date.now());
}
