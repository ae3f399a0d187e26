import type { DocumentRow } from "../rows.ts";
import { numberOf, type Row, textOf } from "../columns.ts";
import type { Statements } from "./statements.ts";
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

function document(row: Row): DocumentRow {
  return {
    teamId: textOf(row, "team_id") as TeamId,
    id: textOf(row, "id"),
    body: textOf(row, "body"),
    createdAt: numberOf(row, "created_at"),
    updatedAt: numberOf(row, "updated_at"),
  };
}
