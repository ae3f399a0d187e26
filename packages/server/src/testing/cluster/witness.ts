import pg from "pg";
import { z } from "zod";

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
export async function openWitness(database: string): Promise<Witness> {
  /** A connection for each question: the database may be gone in between. */
  const ask = async (sql: string, values?: string[]): Promise<unknown[]> => {
    const client = new pg.Client(database);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  await ask(triggers);
  return {
    holdings: async () => z.array(holding).parse(await ask("SELECT * FROM witness.holdings ORDER BY number")),
    async holderOf(callId) {
      const sql = "SELECT url FROM offhook.nodes JOIN offhook.heads ON holder = node_id WHERE call_id = $1";
      return z.array(z.object({ url: z.string() })).parse(await ask(sql, [callId]))[0]?.url ?? "";
    },
  };
}
