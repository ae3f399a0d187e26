import type { DocumentRow } from "./rows.ts";
import { numberOf, type Row, type Statements, textOf } from "./statements.ts";
import type { TeamId } from "@offhook/protocol";

export function saveDocument(db: Statements, save: { kind: string; document: DocumentRow }): void {
  const { kind, document: kept } = save;
  db.run(
    `INSERT INTO documents (kind, team_id, id, body, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, team_id, id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
    kind,
    kept.teamId,
    kept.id,
    kept.body,
    kept.createdAt,
    kept.updatedAt,
  );
}

type Whom = { kind: string; teamId: string; id: string };

export function findDocument(db: Statements, whom: Whom): DocumentRow | null {
  const row = db.one(
    "SELECT * FROM documents WHERE kind = ? AND team_id = ? AND id = ?",
    whom.kind,
    whom.teamId,
    whom.id,
  );
  return row === undefined ? null : document(row);
}

export function listDocuments(
  db: Statements,
  query: { kind: string; teamId: string; offset: number; limit: number },
): { documents: DocumentRow[]; totalCount: number } {
  const { kind, teamId } = query;
  const count = db.one("SELECT count(*) AS n FROM documents WHERE kind = ? AND team_id = ?", kind, teamId);
  const rows = db.all(
    "SELECT * FROM documents WHERE kind = ? AND team_id = ? ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
    kind,
    teamId,
    query.limit,
    query.offset,
  );
  return { documents: rows.map(document), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

export function deleteDocument(db: Statements, whom: Whom): boolean {
  const sql = "DELETE FROM documents WHERE kind = ? AND team_id = ? AND id = ?";
  return db.run(sql, whom.kind, whom.teamId, whom.id).changes > 0;
}

export function saveKey(
  db: Statements,
  key: { hash: string; teamId: string; name: string; createdAt: number },
): void {
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

function document(row: Row): DocumentRow {
  return {
    teamId: textOf(row, "team_id") as TeamId,
    id: textOf(row, "id"),
    body: textOf(row, "body"),
    createdAt: numberOf(row, "created_at"),
    updatedAt: numberOf(row, "updated_at"),
  };
}
