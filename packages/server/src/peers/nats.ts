import type { Log } from "../log.ts";
import type { NatsLine } from "../nats/nats-line.ts";
import { tokenOf } from "../nats/subject.ts";
import { limitOf, type PeerAnswer, type Peers, type Unreached } from "../peers.ts";
import { Desk, Gate } from "./desk.ts";
import { readAnswer, writeAsked } from "./wire.ts";

/** `space`: what the subjects begin with, the same for all servers of a store, and for no others. */
export type NatsPeersParts = { line: NatsLine; space: string; log: Log };

/** Questions over NATS, each to the subject of the node that is asked. Where nobody hears it, the answer comes at once. */
export function openNatsPeers({ line, space, log }: NatsPeersParts): Peers {
  const gate = new Gate();
  const subjectOf = (nodeId: string): string => `offhook.${space}.node.${tokenOf(nodeId)}`;
  return {
    ask: (peer, question) =>
      gate.pass<PeerAnswer | Unreached>(
        async () => {
          const text = writeAsked({ to: peer.nodeId, question });
          const answered = await line.ask(subjectOf(peer.nodeId), text, limitOf(question));
          if (typeof answered === "string") return { unreached: answered };
          return readAnswer(answered.payload) ?? { unreached: "no-answer" };
        },
        { unreached: "nobody" },
      ),
    serve(answer) {
      const desk = new Desk(answer, log);
      return {
        standAs(nodeId) {
          desk.standAs(nodeId);
          // Under its earlier names, and once it is closed, it still says that it is not that node, until the line
          // is closed: whoever asked in that moment would wait in vain.
          line.hear(subjectOf(nodeId), (text, reply) => {
            void desk
              .take(text, line.payloadBytesMax)
              .then((answered) => answered !== undefined && reply(answered));
          });
        },
        close: () => desk.standAs(""),
      };
    },
  };
}
