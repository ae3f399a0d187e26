import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { listens, openNats } from "./nats-server.ts";
import { openPostgres, postgresUser } from "./postgres-server.ts";

const run = promisify(execFile);

test("Postgres keeps what was committed over a crash, and is gone in between", async () => {
  const postgres = await openPostgres();
  try {
    await postgres.createDatabase("one");
    const ask = async (sql: string): Promise<string> => {
      const where = ["-h", "127.0.0.1", "-p", `${postgres.port}`, "-U", postgresUser, "-At", "one"];
      return (await run("psql", [...where, "-c", sql])).stdout.trim();
    };
    await ask("CREATE TABLE kept (name text); INSERT INTO kept VALUES ('a word')");
    await postgres.crash();
    await expect(ask("SELECT name FROM kept")).rejects.toThrow("psql");
    await postgres.start();
    expect(await ask("SELECT name FROM kept")).toBe("a word");
  } finally {
    await postgres.close();
  }
});

test("NATS comes back at its port", async () => {
  const nats = await openNats();
  try {
    expect(await listens(nats.port)).toBe(true);
    await nats.kill();
    expect(await listens(nats.port)).toBe(false);
    await nats.start();
    expect(await listens(nats.port)).toBe(true);
  } finally {
    await nats.close();
  }
});
