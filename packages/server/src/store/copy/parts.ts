import type { SQLOutputValue } from "node:sqlite";

/** A place in a part of the source: the key of the last row that was taken, as JSON. */
export type Place = string;
export const begin: Place = "null";

/**
 * A part of a store that is copied as a whole, row by row, in the order of its
 * key. `read` is of SQLite and gives so many rows after a key; the columns
 * named `key…` are where the next page begins. `write` is of PostgreSQL and
 * puts rows given as JSON in `$4`; `find` reads back those that it wrote, in
 * the same order and shape, for a comparison.
 */
export type Part = {
  name: string;
  /** Its table, on both sides. */
  table: string;
  read: string;
  keys: readonly string[];
  write: string;
  find: string;
};

export type SourceRow = Record<string, SQLOutputValue>;

const dayOf = "(to_timestamp(created / 1000.0) AT TIME ZONE 'UTC')::date";

/** What a call is, and how far its journal has come; nobody holds it. */
const heads: Part = {
  name: "calls",
  table: "calls",
  keys: ["call"],
  read: `SELECT c.call_id AS call, c.team_id AS team, c.created_at AS created, c.phase AS phase,
      (SELECT max(seq) FROM entries e WHERE e.call_id = c.call_id) AS last,
      (SELECT sum(length(body)) FROM entries e WHERE e.call_id = c.call_id) AS bytes,
      c.assistant_id AS assistant_id, c.status AS status, c.body AS body,
      s.assistant AS assistant, s.destination AS destination
    FROM calls c JOIN call_settings s USING (call_id)
    WHERE c.call_id > coalesce(?1, '') ORDER BY c.call_id LIMIT ?2`,
  write: `given AS (SELECT * FROM json_to_recordset($4) AS w (call text, team text, created bigint, phase text,
      last integer, bytes bigint, assistant_id text, status text, body text, assistant text, destination text)),
    put_heads AS (INSERT INTO offhook.heads
      (call_id, team_id, day, created_at, phase, epoch, holder, last_seq, bytes)
      SELECT call, team, ${dayOf}, created, phase, 1, NULL, last, bytes FROM given, moved),
    put_settings AS (INSERT INTO offhook.call_settings (call_id, assistant, destination)
      SELECT call, assistant, destination FROM given, moved),
    put AS (INSERT INTO offhook.calls (call_id, team_id, assistant_id, status, created_at, body)
      SELECT call, team, assistant_id, status, created, body FROM given, moved)`,
  find: `SELECT h.call_id AS call, h.team_id AS team, h.created_at AS created, h.phase, h.last_seq AS last, h.bytes,
      c.assistant_id, c.status, c.body, s.assistant, s.destination
    FROM offhook.heads h JOIN offhook.calls c USING (call_id) JOIN offhook.call_settings s USING (call_id)
    WHERE h.call_id = ANY (SELECT call FROM json_to_recordset($1) AS w (call text)) ORDER BY h.call_id`,
};

const lanes: Part = {
  name: "lanes",
  table: "lanes",
  keys: ["call"],
  read: `SELECT l.call_id AS call, l.team_id AS team, c.created_at AS created, l.settled AS settled, l.last AS last,
      l.last_conversation AS last_conversation, l.attempts AS attempts, l.missed AS missed, l.again AS again,
      l.due_at AS due_at
    FROM lanes l JOIN calls c USING (call_id)
    WHERE l.call_id > coalesce(?1, '') ORDER BY l.call_id LIMIT ?2`,
  write: `given AS (SELECT * FROM json_to_recordset($4) AS w (call text, team text, created bigint, settled integer,
      last integer, last_conversation integer, attempts integer, missed text, again text, due_at bigint)),
    put AS (INSERT INTO offhook.lanes (call_id, team_id, day, settled, last, last_conversation, attempts, missed,
        again, due_at)
      SELECT call, team, ${dayOf}, settled, last, last_conversation, attempts,
        ARRAY(SELECT json_array_elements_text(missed::json)::integer),
        ARRAY(SELECT json_array_elements_text(again::json)::integer), due_at FROM given, moved)`,
  find: `SELECT l.call_id AS call, l.team_id AS team, h.created_at AS created, l.settled, l.last, l.last_conversation,
      l.attempts, array_to_json(l.missed)::text AS missed, array_to_json(l.again)::text AS again, l.due_at
    FROM offhook.lanes l JOIN offhook.heads h USING (call_id)
    WHERE l.call_id = ANY (SELECT call FROM json_to_recordset($1) AS w (call text)) ORDER BY l.call_id`,
};

/** Entries keep their positions, so that cursors go on. */
const entries: Part = {
  name: "entries",
  table: "entries",
  keys: ["position"],
  read: `SELECT e.position AS position, e.team_id AS team, e.call_id AS call, c.created_at AS created, e.seq AS seq,
      e.at AS at, e.sequence AS sequence, e.type AS type, e.body AS body
    FROM entries e CROSS JOIN calls c ON c.call_id = e.call_id
    WHERE e.position > coalesce(?1, 0) ORDER BY e.position LIMIT ?2`,
  write: `given AS (SELECT * FROM json_to_recordset($4) AS w (position bigint, team text, call text, created bigint,
      seq integer, at bigint, sequence integer, type text, body text)),
    put AS (INSERT INTO offhook.entries
      (position, day, team_id, call_id, seq, at, sequence, type, first_ms, whole_ms, body)
      SELECT position, ${dayOf}, team, call, seq, at, sequence, type, (body::json ->> 'firstContentMs')::float8,
        coalesce(body::json ->> 'totalMs', body::json ->> 'elapsedMs')::float8, body FROM given, moved)`,
  find: `SELECT e.position, e.team_id AS team, e.call_id AS call, h.created_at AS created, e.seq, e.at, e.sequence,
      e.type, e.body
    FROM json_to_recordset($1) AS w (position bigint, call text, seq integer)
    JOIN offhook.heads h ON h.call_id = w.call
    JOIN offhook.entries e ON e.day = h.day AND e.call_id = w.call AND e.seq = w.seq ORDER BY e.position`,
};

const attempts: Part = {
  name: "attempts",
  table: "attempts",
  keys: ["number"],
  read: `SELECT a.rowid AS number, e.team_id AS team, e.call_id AS call, c.created_at AS created,
      e.sequence AS sequence, a.at AS at, a.body AS body
    FROM attempts a CROSS JOIN entries e ON e.position = a.position CROSS JOIN calls c ON c.call_id = e.call_id
    WHERE a.rowid > coalesce(?1, 0) ORDER BY a.rowid LIMIT ?2`,
  write: `given AS (SELECT * FROM json_to_recordset($4) AS w (number bigint, team text, call text, created bigint,
      sequence integer, at bigint, body text)),
    put AS (INSERT INTO offhook.attempts
      (number, day, team_id, call_id, sequence, at, outcome, elapsed_ms, url, body)
      SELECT number, ${dayOf}, team, call, sequence, at, body::json ->> 'outcome',
        (body::json ->> 'elapsedMs')::float8, body::json -> 'request' ->> 'url', body FROM given, moved)`,
  find: `SELECT a.number, a.team_id AS team, a.call_id AS call, h.created_at AS created, a.sequence, a.at, a.body
    FROM json_to_recordset($1) AS w (number bigint, call text, sequence integer)
    JOIN offhook.heads h ON h.call_id = w.call
    JOIN offhook.attempts a ON a.day = h.day AND a.call_id = w.call AND a.sequence = w.sequence
      AND a.number = w.number ORDER BY a.number`,
};

const givenUp: Part = {
  name: "given up",
  table: "given_up",
  keys: ["call", "sequence"],
  read: `SELECT call_id AS call, sequence, team_id AS team, state, reason, at, recovered_at FROM given_up
    WHERE (call_id, sequence) > (coalesce(?1, ''), coalesce(?2, 0)) ORDER BY call_id, sequence LIMIT ?3`,
  write: `put AS (INSERT INTO offhook.given_up (call_id, sequence, team_id, state, reason, at, recovered_at)
      SELECT call, sequence, team, state, reason, at, recovered_at FROM moved, json_to_recordset($4) AS w
        (call text, sequence integer, team text, state text, reason text, at bigint, recovered_at bigint))`,
  find: `SELECT g.call_id AS call, g.sequence, g.team_id AS team, g.state, g.reason, g.at, g.recovered_at
    FROM json_to_recordset($1) AS w (call text, sequence integer)
    JOIN offhook.given_up g ON g.call_id = w.call AND g.sequence = w.sequence
    ORDER BY g.call_id, g.sequence`,
};

const documents: Part = {
  name: "documents",
  table: "documents",
  keys: ["kind", "team", "id"],
  read: `SELECT kind, team_id AS team, id, body, created_at AS created, updated_at AS updated FROM documents
    WHERE (kind, team_id, id) > (coalesce(?1, ''), coalesce(?2, ''), coalesce(?3, ''))
    ORDER BY kind, team_id, id LIMIT ?4`,
  write: `put AS (INSERT INTO offhook.documents (kind, team_id, id, body, created_at, updated_at)
      SELECT kind, team, id, body, created, updated FROM moved, json_to_recordset($4) AS w
        (kind text, team text, id text, body text, created bigint, updated bigint))`,
  find: `SELECT d.kind, d.team_id AS team, d.id, d.body, d.created_at AS created, d.updated_at AS updated
    FROM json_to_recordset($1) AS w (kind text, team text, id text)
    JOIN offhook.documents d ON d.kind = w.kind AND d.team_id = w.team AND d.id = w.id
    ORDER BY d.kind, d.team_id, d.id`,
};

const keys: Part = {
  name: "keys",
  table: "keys",
  keys: ["hash"],
  read: `SELECT hash, team_id AS team, name, created_at AS created FROM keys
    WHERE hash > coalesce(?1, '') ORDER BY hash LIMIT ?2`,
  write: `put AS (INSERT INTO offhook.keys (hash, team_id, name, created_at)
      SELECT hash, team, name, created FROM moved, json_to_recordset($4) AS w
        (hash text, team text, name text, created bigint))`,
  find: `SELECT k.hash, k.team_id AS team, k.name, k.created_at AS created
    FROM json_to_recordset($1) AS w (hash text) JOIN offhook.keys k ON k.hash = w.hash ORDER BY k.hash`,
};

const secrets: Part = {
  name: "secrets",
  table: "secrets",
  keys: ["name"],
  read: "SELECT name, value FROM secrets WHERE name > coalesce(?1, '') ORDER BY name LIMIT ?2",
  write: `put AS (INSERT INTO offhook.secrets (name, value)
      SELECT name, value FROM moved, json_to_recordset($4) AS w (name text, value text))`,
  find: `SELECT s.name, s.value FROM json_to_recordset($1) AS w (name text)
    JOIN offhook.secrets s ON s.name = w.name ORDER BY s.name`,
};

/** All parts, those first that others are found by. */
export const parts: readonly Part[] = [heads, lanes, givenUp, documents, keys, secrets, entries, attempts];
