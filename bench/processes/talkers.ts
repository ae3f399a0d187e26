import { offhook } from "@offhook/client";
import { answerParent } from "../harness/child.ts";
import { benchSecret } from "../harness/event.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";

/** Clients of several nodes: each has a call at one of them, and says its next as soon as the reply is whole. */
type Opening = { urls: readonly string[]; apiKey: string; serverUrl: string; calls: number };
type Talker = { client: ReturnType<typeof offhook>; callId: string };

const words = "Could I come on Thursday in the afternoon instead, please?";
/** A node that gets no processor for seconds loses its lease, and its calls: such a round is no figure. */
const hint = "(A call that is taken up: a node could not keep its lease; use a quieter machine.)";
let talkers: Talker[] = [];

const handlers = {
  /** Makes so many calls, evenly over the nodes; answers their ids. */
  async open({ urls, apiKey, serverUrl, calls }: Opening): Promise<string[]> {
    const clients = urls.map((url) => offhook({ url, apiKey }));
    const assistant = assistantOf(serverUrl);
    talkers = [];
    for (let number = 0; number < calls; number += 1) {
      const client = clients[number % clients.length];
      if (client === undefined) throw new Error("there is no node to call");
      const call = await client.calls.connect({ assistant, callType: "chat" });
      if (!call.ok) throw new Error(call.problem.detail);
      talkers.push({ client, callId: call.value.id });
    }
    return talkers.map(({ callId }) => callId);
  },
  /** All talk for so long, each once at least; answers the turns, when the last reply is whole. */
  async talk({ seconds }: { seconds: number }) {
    const processor = processorSeconds();
    const endsAt = sharedNowMs() + seconds * 1e3;
    let turns = 0;
    const talkOn = async ({ client, callId }: Talker): Promise<void> => {
      do {
        const said = await client.calls.say(callId, words, { wait: true });
        if (!said.ok) throw new Error(`${said.problem.detail} ${hint}`);
        turns += 1;
      } while (sharedNowMs() < endsAt);
    };
    await Promise.all(talkers.map(talkOn));
    return { turns, processorSeconds: processorSeconds() - processor };
  },
};
export type TalkersDo = typeof handlers;

answerParent(handlers);

function assistantOf(serverUrl: string) {
  return {
    name: "Bench",
    assistantProvider: "rehearsal",
    welcomeMessageMode: "assistant-waits-for-user",
    idleTimeout: 3_600,
    maxIdleMessagesInSequence: 0,
    assistantServer: { url: serverUrl, secret: benchSecret },
  } as const;
}
