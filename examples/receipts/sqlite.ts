import { DatabaseSync } from "node:sqlite";
import type { Receipts, Sequences } from "@offhook/server-url";

/** After so long without an answer the owner of a claim is taken for dead. Longer than any handler takes. */
const claimMsMax = 60_000;
/** Longer than a server goes on trying, which is about 76 hours. */
const keptMs = 4 * 24 * 3_600_000;

/** Receipts and sequences in a SQLite file, shared by the processes of one machine. */
export function sqliteStore(path: string, now: () => number): { receipts: Receipts; sequences: Sequences } {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS receipts (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT);
    CREATE TABLE IF NOT EXISTS sequences (callId TEXT PRIMARY KEY, last INTEGER NOT NULL);
  `);
  return { receipts: receiptsIn(database, now), sequences: sequencesIn(database) };
}

function receiptsIn(database: DatabaseSync, now: () => number): Receipts {
  const forgetOld = database.prepare("DELETE FROM receipts WHERE at < ?");
  // One statement is one step: of two processes only one gets the claim.
  const claim = database.prepare(`
    INSERT INTO receipts (id, at) VALUES (:id, :now)
    ON CONFLICT (id) DO UPDATE SET at = :now WHERE body IS NULL AND at < :dead`);
  const find = database.prepare("SELECT body FROM receipts WHERE id = ?");
  const keep = database.prepare("UPDATE receipts SET body = ?, at = ? WHERE id = ?");
  const forget = database.prepare("DELETE FROM receipts WHERE id = ?");
  return {
    async claim(id) {
      const { changes } = claim.run({ id, now: now(), dead: now() - claimMsMax });
      if (changes > 0) return { kind: "new" };
      const body = find.get(id)?.["body"];
      return typeof body === "string" ? { kind: "answered", body } : { kind: "elsewhere" };
    },
    async keep(id, body) {
      keep.run(body, now(), id);
      forgetOld.run(now() - keptMs);
    },
    async forget(id) {
      forget.run(id);
    },
  };
}

function sequencesIn(database: DatabaseSync): Sequences {
  const find = database.prepare("SELECT last FROM sequences WHERE callId = ?");
  const note = database.prepare(`
    INSERT INTO sequences (callId, last) VALUES (?, ?)
    ON CONFLICT (callId) DO UPDATE SET last = max(last, excluded.last)`);
  return {
    async last(callId) {
      const last = find.get(callId)?.["last"];
      return typeof last === "number" ? last : null;
    },
    async note(callId, sequence) {
      note.run(callId, sequence);
    },
  };
}
