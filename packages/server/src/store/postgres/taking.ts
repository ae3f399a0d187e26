import { numberOf, textOf } from "../columns.ts";
import type { Database } from "./database.ts";
import type { Lease } from "./lease.ts";

type Taken = { callId: string; teamId: string; epoch: number };

/**
 * Takes calls that nobody holds. Each taking has a token: what was taken by
 * one whose answer was lost is found by the next, which has the same.
 */
export class Taking {
  readonly #db: Database;
  readonly #lease: Lease;
  readonly #unanswered: string[] = [];
  #tokens = 0;

  constructor(db: Database, lease: Lease) {
    this.#db = db;
    this.#lease = lease;
  }

  async take({ after, limit }: { after: string; limit: number }): Promise<Taken[]> {
    const { nodeId } = this.#lease;
    const token = this.#unanswered.pop() ?? this.#newToken();
    try {
      const sql = "SELECT call_id, team_id, epoch FROM offhook.take_calls_1($1, $2, $3, $4)";
      return (await this.#db.write(sql, nodeId, token, after, limit)).map((row) => ({
        callId: textOf(row, "call_id"),
        teamId: textOf(row, "team_id"),
        epoch: numberOf(row, "epoch"),
      }));
    } catch (error) {
      this.#unanswered.push(token);
      throw error;
    }
  }

  #newToken(): string {
    this.#tokens += 1;
    return `${this.#lease.nodeId ?? "guest"} ${this.#tokens}`;
  }
}
