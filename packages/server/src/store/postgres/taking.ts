import { numberOf, textOf } from "../columns.ts";
import type { Database } from "./database.ts";
import type { Lease } from "./lease.ts";

type Taken = { callId: string; teamId: string; epoch: number };

/** Takes calls that nobody holds. What was taken is known by a token, should the answer be lost. */
export class Taking {
  readonly #db: Database;
  readonly #lease: Lease;
  #takings = 0;

  constructor(db: Database, lease: Lease) {
    this.#db = db;
    this.#lease = lease;
  }

  async take({ after, limit }: { after: string; limit: number }): Promise<Taken[]> {
    const { nodeId } = this.#lease;
    const token = nodeId === null ? null : `${nodeId} ${this.#takings}`;
    const sql = "SELECT call_id, team_id, epoch FROM offhook.take_calls_1($1, $2, $3, $4)";
    const rows = await this.#db.write(sql, nodeId, token, after, limit);
    this.#takings += 1;
    return rows.map((row) => ({
      callId: textOf(row, "call_id"),
      teamId: textOf(row, "team_id"),
      epoch: numberOf(row, "epoch"),
    }));
  }
}
