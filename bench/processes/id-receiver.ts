import { createServer, type ServerResponse } from "node:http";
import { answerParent } from "../harness/child.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";

/** An application that knows each event by its id, and when the last new one was answered. */
type Told = {
  /** Events by their id: one that comes again is none. */
  distinct: number;
  repeated: number;
  /** New events whose sequence is below one that their call had already. */
  outOfOrder: number;
  lastNewAt: number;
  processorSeconds: number;
};

const seen = new Set<string>();
const lastOf = new Map<string, number>();
const count = { repeated: 0, outOfOrder: 0, lastNewAt: 0 };
/** What is not answered, while it is held. */
let isHolding = false;
const held: ServerResponse[] = [];
/** When something came of a call for the first time after the hold was over. */
const cameAfterHold = new Map<string, number>();

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const id = String(request.headers["webhook-id"]);
  request.resume();
  request.on("end", () => {
    if (isHolding) return void held.push(response);
    response.writeHead(200, { "content-type": "application/json", "content-length": "2" });
    response.end("{}");
    note(id);
  });
});

const handlers = {
  listen: (): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    }),
  count: (): Told => ({ distinct: seen.size, ...count, processorSeconds: processorSeconds() }),
  /** From now on nothing is answered. */
  hold(): void {
    isHolding = true;
  },
  held: () => held.length,
  /** Answers again; what was held is dropped, as its sender is. */
  release(): void {
    isHolding = false;
    cameAfterHold.clear();
    for (const response of held.splice(0)) response.destroy();
  },
  /** When the first event since the hold was answered; undefined as long as there is none. */
  firstAfterHold: (): number | undefined => [...cameAfterHold.values()].toSorted((a, b) => a - b)[0],
};
export type IdReceiverDoes = typeof handlers;

answerParent(handlers);

/** An id is `evt_<call>_<sequence>`. */
function note(id: string): void {
  const at = id.lastIndexOf("_");
  const call = id.slice(0, at);
  if (!cameAfterHold.has(call)) cameAfterHold.set(call, sharedNowMs());
  if (seen.has(id)) {
    count.repeated += 1;
    return;
  }
  seen.add(id);
  count.lastNewAt = sharedNowMs();
  const sequence = Number(id.slice(at + 1));
  const before = lastOf.get(call) ?? 0;
  if (sequence < before) count.outOfOrder += 1;
  lastOf.set(call, Math.max(sequence, before));
}
