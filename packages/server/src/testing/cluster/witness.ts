import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { type PostgresServer, postgresUser } from "./postgres-server.ts";

/** What the store wrote of a call's head, in the transaction in which it changed. */
const holding = z.object({
  callId: z.string(),
  /** The node that holds the call; null when none does. */
  holder: z.string().nullable(),
  epoch: z.number(),
  lastSeq: z.number(),
  /** Epoch ms. */
  at: z.number(),
  /** Whether the one who held it before, another than now, was still there. */
  tookFrom: z.enum(["nobody", "gone", "there"]),
});
export type Holding = z.infer<typeof holding>;

/** Writes down who holds which call, whatever the servers believe: triggers in the database itself. */
export type Witness = {
  holdings(): Promise<Holding[]>;
  /** Where the node is that holds a call; empty when none does. */
  holderOf(callId: string): Promise<string>;
};

const run = promisify(execFile);
const answerBytesMax = 512 * 1_048_576;

const triggers = `
  CREATE SCHEMA witness;
  CREATE TABLE witness.holdings (
    number bigserial PRIMARY KEY,
    "callId" text NOT NULL,
    holder text,
    epoch integer NOT NULL,
    "lastSeq" integer NOT NULL,
    at double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
    "tookFrom" text NOT NULL
  );
  CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    before text;
    took_from text := 'nobody';
  BEGIN
    IF TG_OP = 'UPDATE' THEN before := OLD.holder; END IF;
    IF before IS NOT NULL AND NEW.holder IS NOT NULL AND before <> NEW.holder THEN
      took_from := CASE WHEN EXISTS (
        SELECT 1 FROM offhook.nodes WHERE node_id = before AND alive_until > clock_timestamp()
      ) THEN 'there' ELSE 'gone' END;
    END IF;
    INSERT INTO witness.holdings ("callId", holder, epoch, "lastSeq", "tookFrom")
    VALUES (NEW.call_id, NEW.holder, NEW.epoch, NEW.last_seq, took_from);
    RETURN NULL;
  END $$;
  CREATE TRIGGER witness AFTER INSERT OR UPDATE ON offhook.heads
    FOR EACH ROW EXECUTE FUNCTION witness.note();
`;

/** Sets a witness into a database that has its tables. */
export async function openWitness({ port }: PostgresServer, database: string): Promise<Witness> {
  const ask = async (sql: string): Promise<string> => {
    const where = ["-h", "127.0.0.1", "-p", `${port}`, "-U", postgresUser, "-d", database];
    const { stdout } = await run("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", ...where, "-c", sql], {
      maxBuffer: answerBytesMax,
    });
    return stdout;
  };
  await ask(triggers);
  const idForm = /^[\w-]+$/u;
  return {
    async holderOf(callId) {
      if (!idForm.test(callId)) throw new Error(`${callId} is no id of a call`);
      const url = await ask(
        `SELECT url FROM offhook.nodes JOIN offhook.heads ON holder = node_id WHERE call_id = '${callId}'`,
      );
      return url.trim();
    },
    holdings: async () =>
      z
        .array(holding)
        .parse(
          JSON.parse(await ask("SELECT coalesce(json_agg(h ORDER BY number), '[]') FROM witness.holdings h")),
        ),
  };
}
