import type { TeamId } from "@offhook/protocol";
import type { ApiKey, DeletedKey, DeleteKey } from "../../store.ts";
import { numberOf, type Row, textOf } from "../columns.ts";
import { type Database, kept } from "./database.ts";

export async function saveKey(db: Database, key: ApiKey): Promise<void> {
  await db.write(
    `INSERT INTO offhook.keys (hash, team_id, name, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (hash) DO NOTHING`,
    kept(key.hash),
    kept(key.teamId),
    kept(key.name),
    key.createdAt,
  );
}

export async function findKey(
  db: Database,
  query: { hash: string },
): Promise<{ teamId: TeamId; name: string } | undefined> {
  const row = await db.one("SELECT team_id, name FROM offhook.keys WHERE hash = $1", kept(query.hash));
  return row && { teamId: textOf(row, "team_id") as TeamId, name: textOf(row, "name") };
}

export async function countKeys(db: Database): Promise<number> {
  const row = await db.one("SELECT count(*) AS n FROM offhook.keys");
  return row === undefined ? 0 : numberOf(row, "n");
}

/** The one that is there is written once more, so that it is answered, whoever was first. */
export async function keepSecret(db: Database, secret: { name: string; value: string }): Promise<string> {
  const sql = `INSERT INTO offhook.secrets AS s (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = s.value RETURNING value`;
  const [row] = await db.write(sql, kept(secret.name), kept(secret.value));
  return row === undefined ? secret.value : textOf(row, "value");
}

export async function listKeys(
  db: Database,
  query: { teamId: string; offset: number; limit: number },
): Promise<{ keys: ApiKey[]; totalCount: number }> {
  const team = kept(query.teamId);
  const [count, rows] = await Promise.all([
    db.one("SELECT count(*) AS n FROM offhook.keys WHERE team_id = $1", team),
    db.all(
      "SELECT * FROM offhook.keys WHERE team_id = $1 ORDER BY created_at DESC, hash LIMIT $2 OFFSET $3",
      team,
      query.limit,
      query.offset,
    ),
  ]);
  return { keys: rows.map(apiKey), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

const became: readonly DeletedKey[] = ["deleted", "unknown", "last"];

export async function deleteKey(
  db: Database,
  { teamId, hashBegin, mayBeLast }: DeleteKey,
): Promise<DeletedKey> {
  const sql = "SELECT offhook.delete_key_1($1, $2, $3) AS became";
  const [row] = await db.write(sql, kept(teamId), kept(hashBegin), mayBeLast);
  const said = became.find((each) => each === row?.["became"]);
  if (said === undefined) throw new Error(`what became of a key is ${String(row?.["became"])}`);
  return said;
}

function apiKey(row: Row): ApiKey {
  return {
    hash: textOf(row, "hash"),
    teamId: textOf(row, "team_id") as TeamId,
    name: textOf(row, "name"),
    createdAt: numberOf(row, "created_at"),
  };
}
