import type { DatabaseSync } from "node:sqlite";

/**
 * The tables, one step per version; never change a step that was released. The
 * journal is an append-only rowid table with a unique index: keyed WITHOUT
 * ROWID it was half as fast. A lane is one small row per call. What is written
 * once for a call (`call_settings`) stands apart from what changes with every
 * event, and attempts are found by the position of their event, so that a
 * commit touches few pages however many calls are live.
 */
const steps: readonly string[] = [
  `
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sequence INTEGER,
    type TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX entries_of_call ON entries (call_id, seq);
  CREATE INDEX entries_of_team ON entries (team_id, position);

  CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL,
    assistant_id TEXT,
    status TEXT NOT NULL,
    phase TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX calls_of_team ON calls (team_id, created_at DESC);
  CREATE INDEX calls_of_assistant ON calls (team_id, assistant_id, created_at DESC);
  CREATE INDEX calls_live ON calls (team_id, status, created_at DESC) WHERE status <> 'finished';
  CREATE INDEX calls_unclosed ON calls (call_id) WHERE phase <> 'closed';
  CREATE INDEX calls_closed ON calls (created_at) WHERE phase = 'closed';

  CREATE TABLE call_settings (
    call_id TEXT PRIMARY KEY,
    assistant TEXT NOT NULL,
    destination TEXT
  ) STRICT;

  CREATE TABLE lanes (
    call_id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL,
    settled INTEGER NOT NULL,
    last INTEGER NOT NULL,
    last_conversation INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    missed TEXT NOT NULL,
    again TEXT NOT NULL,
    due_at INTEGER
  ) STRICT;
  CREATE INDEX lanes_due ON lanes (due_at, call_id) WHERE due_at IS NOT NULL;
  CREATE INDEX lanes_of_team ON lanes (team_id);

  CREATE TABLE attempts (
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX attempts_of_event ON attempts (position);

  CREATE TABLE given_up (
    call_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    team_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    recovered_at INTEGER,
    PRIMARY KEY (call_id, sequence)
  ) STRICT;
  CREATE INDEX given_up_of_team ON given_up (team_id, state, at);

  CREATE TABLE documents (
    kind TEXT NOT NULL,
    team_id TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, team_id, id)
  ) STRICT;

  CREATE TABLE keys (
    hash TEXT PRIMARY KEY,
    team_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
];

/** Brings a database to the present version; refuses one from a newer server. */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare("PRAGMA user_version").get();
  const version = Number(row?.["user_version"] ?? 0);
  if (version > steps.length) {
    throw new Error(
      `the data folder was written by a newer Offhook (version ${version} of the tables, this one knows ${steps.length}): start that one, or use another folder`,
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
