import { apiKey, type Database, openNodes } from "./nodes.ts";
import type { Party } from "./node-round.ts";
import type { Figures } from "./rounds.ts";
import { pause, sharedNowMs } from "./time.ts";

const patienceMs = 30_000;
const askEveryMs = 20;
const heldCalls = 10;

/** Kills the node that holds the calls, while an event of its lanes is under way; how long the other takes to go on. */
export async function failover({ shared, receiver, talkers, serverUrl }: Party): Promise<Figures> {
  await using database = await shared.openDatabase();
  const roles = ["api,calls,delivery", "api,calls,delivery"];
  await using nodes = await openNodes(shared, { database, roles });
  const [first, other] = nodes.servers;
  if (first === undefined || other === undefined) throw new Error("two nodes were to be started");
  const opening = { urls: [first.url], apiKey, serverUrl, calls: heldCalls };
  const [callId = ""] = await talkers.ask("open", opening);
  await talkers.ask("talk", { seconds: 0.1 });
  await waitFor("the end of what was under way", async () => {
    const { rows } = await database.client.query("SELECT 1 FROM offhook.lanes WHERE settled < last");
    return rows.length === 0 ? true : undefined;
  });
  await receiver.ask("hold", undefined);
  await talkers.ask("talk", { seconds: 0.001 });
  await waitFor(
    "an event at the receiver",
    async () => (await receiver.ask("held", undefined)) > 0 || undefined,
  );
  await assertOneOwner(database);
  const killedAt = sharedNowMs();
  await first.kill();
  await receiver.ask("release", undefined);
  const [answeredAt, deliveredAt] = await Promise.all([
    waitFor("an answer", async () => ((await say(other.url, callId)) ? sharedNowMs() : undefined)),
    waitFor("an event", () => receiver.ask("firstAfterHold", undefined)),
  ]);
  return { answersAgainMs: answeredAt - killedAt, deliversAgainMs: deliveredAt - killedAt };
}

/** Otherwise the other node would deliver at once what it owned all along. */
async function assertOneOwner({ client }: Database): Promise<void> {
  const owners = `SELECT owner FROM offhook.lanes UNION SELECT holder FROM offhook.heads`;
  const { rows } = await client.query<{ owner: string | null }>(owners);
  if (rows.length !== 1 || rows[0]?.owner === null)
    throw new Error(`the lanes and calls have ${rows.length} owners, and not the node that is to be killed`);
}

async function waitFor<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const endsAt = sharedNowMs() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (sharedNowMs() > endsAt) throw new Error(`${what} was waited for longer than ${patienceMs} ms`);
    await pause(askEveryMs);
  }
}

/** Whether the call answered; asked without a client that would ask again by itself. */
async function say(url: string, callId: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/calls/v1/conversations/${callId}/messages?wait=true`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ text: "Are you still there?" }),
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
