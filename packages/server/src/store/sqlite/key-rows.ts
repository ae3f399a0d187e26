import type { TeamId } from "@offhook/protocol";
import type { ApiKey, DeletedKey, DeleteKey } from "../../store.ts";
import { numberOf, type Row, textOf } from "../columns.ts";
import type { Statements } from "./statements.ts";

export function saveKey(db: Statements, key: ApiKey): void {
  db.run(
    "INSERT INTO keys (hash, team_id, name, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
    key.hash,
    key.teamId,
    key.name,
    key.createdAt,
  );
}

export function findKey(
  db: Statements,
  query: { hash: string },
): { teamId: TeamId; name: string } | undefined {
  const row = db.one("SELECT team_id, name FROM keys WHERE hash = ?", query.hash);
  return row === undefined
    ? undefined
    : { teamId: textOf(row, "team_id") as TeamId, name: textOf(row, "name") };
}

export function countKeys(db: Statements): number {
  const row = db.one("SELECT count(*) AS n FROM keys");
  return row === undefined ? 0 : numberOf(row, "n");
}

export function keepSecret(db: Statements, secret: { name: string; value: string }): string {
  db.run(
    "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
    secret.name,
    secret.value,
  );
  const row = db.one("SELECT value FROM secrets WHERE name = ?", secret.name);
  return row === undefined ? secret.value : textOf(row, "value");
}

export function listKeys(
  db: Statements,
  query: { teamId: string; offset: number; limit: number },
): { keys: ApiKey[]; totalCount: number } {
  const rows = db.all(
    "SELECT * FROM keys WHERE team_id = ? ORDER BY created_at DESC, hash LIMIT ? OFFSET ?",
    query.teamId,
    query.limit,
    query.offset,
  );
  return { keys: rows.map(apiKey), totalCount: countOf(db, query.teamId) };
}

/** In one transaction, so that two who delete one each of the last two cannot both be right. */
export function deleteKey(db: Statements, { teamId, hashBegin, mayBeLast }: DeleteKey): DeletedKey {
  const found = db.one(
    "SELECT hash FROM keys WHERE team_id = ? AND substr(hash, 1, length(?)) = ?",
    teamId,
    hashBegin,
    hashBegin,
  );
  if (found === undefined) return "unknown";
  if (!mayBeLast && countOf(db, teamId) < 2) return "last";
  db.run("DELETE FROM keys WHERE hash = ?", textOf(found, "hash"));
  return "deleted";
}

function countOf(db: Statements, teamId: string): number {
  const row = db.one("SELECT count(*) AS n FROM keys WHERE team_id = ?", teamId);
  return row === undefined ? 0 : numberOf(row, "n");
}

function apiKey(row: Row): ApiKey {
  return {
    hash: textOf(row, "hash"),
    teamId: textOf(row, "team_id") as TeamId,
    name: textOf(row, "name"),
    createdAt: numberOf(row, "created_at"),
  };
}
