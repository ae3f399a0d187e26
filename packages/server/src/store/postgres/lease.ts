import type { CallId } from "@offhook/protocol";
import { nodeRoles, type NodeNote, type NodeRole, type Nodes } from "../../store.ts";
import { numberOf, type Row, textOf } from "../columns.ts";
import { type Database, kept } from "./database.ts";

/**
 * Who this store is. Until it has kept a lease it is a guest: it holds
 * nothing, and may do whatever no node is doing that is there. What a guest
 * opens is free for the next node. So tools can work beside servers.
 */
export class Lease {
  #node: { nodeId: string; delivers: boolean } | undefined;

  /** Null for a guest. */
  get nodeId(): string | null {
    return this.#node?.nodeId ?? null;
  }

  /** Whether it may take lanes. */
  get delivers(): boolean {
    return this.#node?.delivers ?? true;
  }

  become(node: NodeNote | undefined): void {
    this.#node = node && { nodeId: node.nodeId, delivers: node.roles.includes("delivery") };
  }
}

const columns = "n.node_id, n.url, n.roles, n.live, n.takes_calls";
const isThere = "n.alive_until > clock_timestamp()";

/** The nodes that share the database; `onTime` hears its time at each renewal. */
export function nodesOn(db: Database, lease: Lease, onTime: (now: number) => void): Nodes {
  let latest = "";
  return {
    isShared: true,
    keepLease: async ({ leaseMs, ...node }) => {
      latest = node.nodeId;
      const isNew = lease.nodeId !== node.nodeId;
      const about = JSON.stringify({ ...node, url: kept(node.url) });
      const sql = "SELECT runs, now_ms FROM offhook.keep_lease_1($1, $2, $3, $4)";
      const [row] = await db.writeLease(sql, kept(node.nodeId), isNew, Math.round(leaseMs), about);
      if (row === undefined) throw new Error("a lease without an answer");
      const now = numberOf(row, "now_ms");
      if (row["runs"] !== true) return { lease: "lapsed", now };
      // An answer that was long on its way does not make us who we were before.
      if (latest === node.nodeId) lease.become(node);
      onTime(now);
      return { lease: "runs", now };
    },
    dropLease: async () => {
      const { nodeId } = lease;
      if (nodeId === null) return;
      const sql = `UPDATE offhook.nodes SET alive_until = least(alive_until, clock_timestamp()) WHERE node_id = $1`;
      await db.writeLease(sql, nodeId);
      lease.become(undefined);
    },
    releaseCalls: async ({ callIds }) => {
      if (lease.nodeId === null || callIds.length === 0) return;
      const sql = `WITH mine AS (SELECT call_id FROM offhook.heads WHERE call_id = ANY ($1) AND holder = $2
          ORDER BY call_id FOR UPDATE)
        UPDATE offhook.heads h SET holder = NULL, taken = NULL FROM mine WHERE h.call_id = mine.call_id`;
      await db.write(sql, callIds, lease.nodeId);
    },
    heldCalls: async () => {
      if (lease.nodeId === null) return [];
      const sql =
        "SELECT call_id FROM offhook.heads WHERE holder = $1 AND phase <> 'closed' ORDER BY call_id";
      return (await db.all(sql, lease.nodeId)).map((row) => textOf(row, "call_id") as CallId);
    },
    holderOf: async ({ callId }) => {
      const sql = `SELECT ${columns} FROM offhook.heads h JOIN offhook.nodes n ON n.node_id = h.holder
        WHERE h.call_id = $1 AND h.phase <> 'closed' AND ${isThere}`;
      const row = await db.one(sql, kept(callId));
      return row && noteOf(row);
    },
    nodes: async () => {
      const sql = `SELECT ${columns} FROM offhook.nodes n WHERE ${isThere} ORDER BY n.node_id`;
      return (await db.all(sql)).map(noteOf);
    },
  };
}

function noteOf(row: Row): NodeNote {
  return {
    nodeId: textOf(row, "node_id"),
    url: textOf(row, "url"),
    roles: rolesOf(row["roles"]),
    live: numberOf(row, "live"),
    takesCalls: row["takes_calls"] === true,
  };
}

/** Roles that a newer server has and this one does not know are left out. */
function rolesOf(value: unknown): NodeRole[] {
  return Array.isArray(value) ? nodeRoles.filter((role) => value.includes(role)) : [];
}
