import type { TeamId } from "@offhook/protocol";
import type {
  ActivityQuery,
  ApiKey,
  Backlog,
  CallsFilter,
  DeletedKey,
  DeleteKey,
  Forgotten,
} from "../store.ts";
import type * as rows from "./rows.ts";

type Whom = { kind: string; teamId: string; id: string };
type Page = { teamId: string; offset: number; limit: number };
type After = { after: number; limit: number };

/** What an engine does, each in one transaction: what it is given, and what it answers. */
type Operations = {
  openJournal: (row: rows.OpeningRow) => rows.Appended;
  append: (row: rows.CommitRow) => rows.Appended;
  entriesOfCall: (query: After & { callId: string }) => rows.StoredRow[];
  entriesOfTeam: (query: After & { teamId: string }) => rows.StoredRow[];
  lastPosition: (query: null) => number;
  assistantOfCall: (query: { callId: string }) => string | null;
  findCall: (query: { teamId: string; callId: string }) => string | null;
  listCalls: (query: CallsFilter) => { calls: string[]; totalCount: number };
  takeCalls: (query: { after: string; limit: number }) => { callId: string; teamId: string; epoch: number }[];

  findLane: (query: { callId: string }) => rows.LaneText | null;
  destinationOf: (query: { callId: string }) => string | null;
  dueLanes: (query: {
    now: number;
    limit: number;
    after?: { dueAt: number; callId: string };
  }) => (rows.LaneText & { destination: string })[];
  nextDueAt: (query: { now: number }) => number | null;
  settle: (row: rows.SettlementRow) => rows.LaneText | null;
  sendAgain: (query: { callId: string; sequences: number[]; now: number }) => rows.LaneText | null;
  listDeliveries: (query: rows.DeliveriesQuery) => { deliveries: rows.DeliveryRow[]; totalCount: number };
  findDelivery: (query: { teamId: string; callId: string; sequence: number }) => rows.DeliveryRow | null;
  attemptsOf: (query: { callId: string; sequence: number; limit: number }) => string[];
  missedBefore: (query: { callId: string; sequence: number }) => number[];

  saveDocument: (save: { kind: string; document: rows.DocumentRow }) => void;
  findDocument: (whom: Whom) => rows.DocumentRow | null;
  listDocuments: (query: Page & { kind: string }) => { documents: rows.DocumentRow[]; totalCount: number };
  deleteDocument: (whom: Whom) => boolean;

  saveKey: (key: ApiKey) => void;
  findKey: (query: { hash: string }) => { teamId: TeamId; name: string } | undefined;
  countKeys: (query: null) => number;
  listKeys: (query: Page) => { keys: ApiKey[]; totalCount: number };
  deleteKey: (query: DeleteKey) => DeletedKey;
  keepSecret: (secret: { name: string; value: string }) => string;

  activity: (query: ActivityQuery) => rows.ActivityRow;
  check: (query: null) => null;
  backlog: (query: null) => Backlog;
  size: (query: null) => number;
  forget: (query: { before: number; limit: number }) => Forgotten;
};

export type OperationName = keyof Operations;
export type Input<Name extends OperationName> = Parameters<Operations[Name]>[0];
export type Output<Name extends OperationName> = ReturnType<Operations[Name]>;

/** Does it; fails with a StoreError. */
export type Run = <Name extends OperationName>(name: Name, input: Input<Name>) => Promise<Output<Name>>;
