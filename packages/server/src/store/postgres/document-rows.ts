import type { TeamId } from "@offhook/protocol";
import { numberOf, type Row, textOf } from "../columns.ts";
import type { DocumentRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";

export async function saveDocument(
  db: Database,
  { kind, document: row }: { kind: string; document: DocumentRow },
): Promise<void> {
  await db.write(
    `INSERT INTO offhook.documents (kind, team_id, id, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (kind, team_id, id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
    kind,
    kept(row.teamId),
    kept(row.id),
    row.body,
    row.createdAt,
    row.updatedAt,
  );
}

type Whom = { kind: string; teamId: string; id: string };
const whose = "FROM offhook.documents WHERE kind = $1 AND team_id = $2 AND id = $3";

export async function findDocument(db: Database, whom: Whom): Promise<DocumentRow | null> {
  const row = await db.one(`SELECT * ${whose}`, whom.kind, kept(whom.teamId), kept(whom.id));
  return row === undefined ? null : document(row);
}

export async function listDocuments(
  db: Database,
  query: { kind: string; teamId: string; offset: number; limit: number },
): Promise<{ documents: DocumentRow[]; totalCount: number }> {
  const whom = [query.kind, kept(query.teamId)];
  const [count, rows] = await Promise.all([
    db.one("SELECT count(*) AS n FROM offhook.documents WHERE kind = $1 AND team_id = $2", ...whom),
    db.all(
      `SELECT * FROM offhook.documents WHERE kind = $1 AND team_id = $2
       ORDER BY created_at DESC, id LIMIT $3 OFFSET $4`,
      ...whom,
      query.limit,
      query.offset,
    ),
  ]);
  return { documents: rows.map(document), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

export async function deleteDocument(db: Database, whom: Whom): Promise<boolean> {
  const sql = `DELETE ${whose} RETURNING id`;
  return (await db.write(sql, whom.kind, kept(whom.teamId), kept(whom.id))).length > 0;
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
