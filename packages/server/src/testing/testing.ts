/** What a bench drives: the server's own parts, wired as `app.ts` wires them, without its doors. */
export { openRooms, type Ports } from "../app.ts";
export type { Bus } from "../bus.ts";
export { openBus } from "../bus/in-process.ts";
export { CallJournal, type JournalParts } from "../calls/journal.ts";
export { destinationOf, firstHappenings } from "../calls/new-call.ts";
export { systemClock } from "../clock.ts";
export type { Egress } from "../delivery/egress-port.ts";
export { openEgress } from "../delivery/egress.ts";
export { parseAllow } from "../delivery/guard.ts";
export { pinoLog } from "../log/pino-log.ts";
export { rehearsalModel } from "../models/rehearsal.ts";
export { systemRandom } from "../random.ts";
export type { Settlement, Store } from "../store.ts";
export { sealedStore } from "../store/sealed-store.ts";
export { openSealOf } from "../store/secret-key.ts";
export { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
export { openPrometheus } from "../telemetry/prometheus.ts";
