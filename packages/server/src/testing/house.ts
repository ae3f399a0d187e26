import { type ConnectBody, connectBody, type Entry, type JsonObject, defaultTeam } from "@offhook/protocol";
import { openRooms, type Ports, type Rules } from "../rooms.ts";
import { openBus } from "../bus/in-process.ts";
import { parseAllow } from "../delivery/guard.ts";
import { silentLog } from "../log.ts";
import { rehearsalModel } from "../models/rehearsal.ts";
import type { Store } from "../store.ts";
import { noTelemetry } from "../telemetry.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { recordingEgress } from "./receiver.ts";
import { seededRandom } from "./seeded-random.ts";
import { virtualClock, type VirtualClock } from "./virtual-clock.ts";

/** The whole server without sockets, on a clock that is moved by hand. */
export type House = ReturnType<typeof openHouse>;

export function openHouse({
  rules,
  ...given
}: Partial<Omit<Ports, "clock">> & { clock?: VirtualClock; rules?: Partial<Rules> } = {}) {
  const clock = given.clock ?? virtualClock();
  const store = given.store ?? openLocalStore();
  const egress = given.egress ?? recordingEgress(clock);
  const ports: Ports & { clock: VirtualClock } = {
    random: seededRandom(),
    log: silentLog,
    bus: openBus(),
    model: rehearsalModel(clock),
    telemetry: noTelemetry,
    ...given,
    store,
    egress,
    clock,
  };
  const allow = parseAllow("loopback");
  const rooms = openRooms(ports, {
    egress: allow.kind === "rules" ? allow.rules : { networks: [], names: [] },
    callsMax: 1_000,
    analysesMax: 100,
    ...rules,
  });
  const running = new AbortController();
  const delivering = rooms.delivery.run(running.signal);
  return {
    ...ports,
    ...rooms,
    teamId: defaultTeam,
    /** As after a kill: nothing more is done, and the store keeps what was on disk. */
    async die() {
      rooms.calls.drop();
      running.abort();
      await egress.close();
      await delivering;
    },
  };
}

/** The body of a connect, with what a test leaves out. */
export function connecting(assistant: JsonObject, more: JsonObject = {}): ConnectBody {
  return connectBody.parse({ assistant, ...more });
}

/** A call's whole journal. */
export async function journalOf(store: Store, callId: string): Promise<Entry[]> {
  return store.entriesOfCall({
    callId: callId as Parameters<Store["entriesOfCall"]>[0]["callId"],
    after: 0,
    limit: 10_000,
  });
}
