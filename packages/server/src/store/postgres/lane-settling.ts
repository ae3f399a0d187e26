import { StoreError } from "../../store.ts";
import { numberOf } from "../columns.ts";
import type { LaneText, SettlementRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { laneText } from "./lane-text.ts";
import type { Lease } from "./lease.ts";

/** Settlements of many lanes, in batches; they take no positions, so two batches may be on their way. */
export class LaneSettling {
  readonly #group: GroupCommit<SettlementRow, LaneText>;

  constructor(db: Database, lease: Lease) {
    this.#group = new GroupCommit({
      sizeOf: (row) => row.log.reduce((sum, { body }) => sum + body.length, 0),
      send: (rows) => send(db, lease, rows),
      limits: { batchesMax: 2 },
    });
  }

  settle(row: SettlementRow): Promise<LaneText> {
    return this.#group.ask(row);
  }

  close(): Promise<void> {
    return this.#group.close();
  }
}

async function send(
  db: Database,
  lease: Lease,
  rows: readonly SettlementRow[],
): Promise<(LaneText | StoreError)[]> {
  const jobs = JSON.stringify(rows.map(jobOf));
  const [made, given] = [rows.flatMap(attemptsOf), rows.flatMap(givenUpOf)].map((each) =>
    each.length === 0 ? null : JSON.stringify(each),
  );
  const answers = await db.writeKnowing((again) => ({
    sql: "SELECT job, fault, lane FROM offhook.settle_1($1, $2, $3, $4, $5)",
    values: [lease.nodeId, again, jobs, made, given],
  }));
  const outcomes = Array.from<LaneText | StoreError>({ length: rows.length });
  for (const answer of answers) {
    const job = numberOf(answer, "job");
    const callId = rows[job]?.callId ?? "";
    outcomes[job] = answer["fault"] === null ? laneText(answer["lane"]) : conflict(callId);
  }
  return outcomes;
}

function conflict(callId: string): StoreError {
  return new StoreError(
    "journal-conflict",
    `Another was here first (the lane of call ${callId} has moved on).`,
  );
}

function jobOf(row: SettlementRow, job: number) {
  return {
    job,
    call: kept(row.callId),
    settled_before: row.basedOn.settled,
    attempts_before: row.basedOn.attempts,
    settled: row.settled,
    attempts: row.attempts,
    missed: JSON.parse(row.missed) as number[],
    again_done: row.againDone,
    retry_at: row.retryAt,
    at: row.at,
    bytes: row.log.reduce((sum, { body }) => sum + body.length, 0),
  };
}

/** What an attempt was, as far as figures are made of it, beside its body. */
function attemptsOf(row: SettlementRow, job: number) {
  return row.log.map(({ sequence, at, body }, place) => {
    const told = JSON.parse(body) as { outcome: string; elapsedMs: number; request: { url: string } };
    const figures = { outcome: told.outcome, elapsed_ms: told.elapsedMs, url: kept(told.request.url) };
    return { job, place, call: kept(row.callId), sequence, at, ...figures, body };
  });
}

function givenUpOf(row: SettlementRow, job: number) {
  const about = { job, call: kept(row.callId), at: row.at };
  return [
    ...row.givenUp.map((each) => ({ ...about, ...each, reason: kept(each.reason) })),
    ...row.recovered.map((sequence) => ({ ...about, sequence, state: "recovered", reason: "" })),
    ...row.notRecovered.map(({ sequence, reason }) => ({
      ...about,
      sequence,
      state: "not-recovered",
      reason: kept(reason),
    })),
  ];
}
