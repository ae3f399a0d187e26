import { StoreError } from "../../store.ts";
import { numberOf, type Row, textOrNull } from "../columns.ts";
import type { Appended, CommitRow, EntryRow, OpeningRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { laneOrNull } from "./lane-text.ts";
import type { Lease } from "./lease.ts";

type Written = CommitRow | OpeningRow;

/** Appends and openings of many calls, in batches. */
export class JournalWriting {
  readonly #group: GroupCommit<Written, Appended>;

  constructor(db: Database, lease: Lease) {
    this.#group = new GroupCommit({
      sizeOf: (row) => (row.call?.length ?? 0) + row.entries.reduce((sum, { body }) => sum + body.length, 0),
      send: (rows) => send(db, lease, rows),
    });
  }

  async write(row: Written): Promise<Appended> {
    const first = row.entries[0]?.seq ?? 0;
    if (row.entries.some(({ seq }, index) => seq !== first + index)) throw conflict(row.callId);
    return this.#group.ask(row);
  }

  close(): Promise<void> {
    return this.#group.close();
  }
}

async function send(
  db: Database,
  lease: Lease,
  rows: readonly Written[],
): Promise<(Appended | StoreError)[]> {
  const values = [rows.map(jobOf), rows.flatMap(textsOf), rows.flatMap(entriesOf)].map((each) =>
    JSON.stringify(each),
  );
  let isLost = false;
  const answers = await db.writeKnowing((again) => {
    isLost = again;
    return {
      sql: `SELECT job, fault, "position", lane FROM offhook.write_1($1, $2, $3, $4, $5, $6)`,
      values: [lease.nodeId, lease.delivers, again, ...values],
    };
  });
  const outcomes = Array.from<Appended | StoreError>({ length: rows.length });
  for (const answer of answers) {
    const job = numberOf(answer, "job");
    outcomes[job] = outcomeOf(answer, rows[job]?.callId ?? "", isLost);
  }
  return outcomes;
}

/** Fenced after an answer was lost, it may have been written before the call was taken. */
function outcomeOf(answer: Row, callId: string, mayBeDone: boolean): Appended | StoreError {
  const fault = textOrNull(answer, "fault");
  if (fault === "fenced") {
    return new StoreError(
      "fenced",
      `Another server has taken the call ${callId}: this one no longer writes it.`,
      { mayBeDone },
    );
  }
  if (fault !== null) return conflict(callId);
  return { position: numberOf(answer, "position"), lane: laneOrNull(answer["lane"]) };
}

function conflict(callId: string): StoreError {
  return new StoreError("journal-conflict", `Another writer was here first (the journal of call ${callId}).`);
}

function jobOf(row: Written, job: number) {
  return {
    job,
    call: kept(row.callId),
    team: kept(row.teamId),
    opens: "assistant" in row,
    created: row.createdAt,
    phase: row.phase,
    epoch: row.epoch,
    first: row.entries[0]?.seq ?? 0,
    count: row.entries.length,
    bytes: row.entries.reduce((sum, { body }) => sum + body.length, 0),
    last: row.last,
    last_conversation: row.lastConversation,
    at: row.at,
  };
}

/** The call as the commit leaves it, where it has changed. */
function textsOf(row: Written, job: number) {
  if (row.call === null) return [];
  const { status, call: body, assistantId } = row;
  const about = { job, call: kept(row.callId), team: kept(row.teamId), created: row.createdAt };
  const { assistant = null, destination = null } = "assistant" in row ? row : {};
  return [{ ...about, assistant_id: assistantId && kept(assistantId), status, body, assistant, destination }];
}

function entriesOf(row: Written, job: number) {
  return row.entries.map(({ seq, at, sequence, type, body }) => ({
    job,
    call: kept(row.callId),
    seq,
    at,
    sequence,
    type,
    body,
    ...durationsOf({ type, body }),
  }));
}

/** How long it took until the first content, and in all: kept beside the body, of which the database reads nothing. */
function durationsOf({ type, body }: Pick<EntryRow, "type" | "body">) {
  if (type !== "model-answered" && type !== "tool-answered") return {};
  const told = JSON.parse(body) as { firstContentMs?: number; totalMs?: number; elapsedMs?: number };
  return { first_ms: told.firstContentMs ?? null, whole_ms: told.totalMs ?? told.elapsedMs ?? null };
}
