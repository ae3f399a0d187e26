import { connectBody, makeCallId, type TeamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnswerPeer, Peer, PeerAnswer, PeerQuestion, Peers } from "../../peers.ts";
import { SampleJournal } from "../../store/testing/samples.ts";

const teamId = "ours" as TeamId;
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const whom = { teamId, callId };
const body = connectBody.parse({ assistant: { name: "Echo" }, metadata: { order: 7 } });

const questions: PeerQuestion[] = [
  { ask: "control", ...whom, control: { type: "say", message: "Hello" } },
  { ask: "hear", ...whom, text: "Grüße, 世界" },
  { ask: "leave", ...whom },
  { ask: "look", ...whom },
  { ask: "connect", teamId, body, idempotencyKey: "a key" },
];

const journal = new SampleJournal(1);
journal.open();

const answers: PeerAnswer[] = [
  { answer: "done" },
  { answer: "heard", after: 12 },
  { answer: "looked", state: null },
  {
    answer: "looked",
    state: { type: "state", assistant: "speaking", user: "listening", waitsFor: { kind: "idle", at: 1 } },
  },
  { answer: "refused", refusal: { refused: "call-finished", detail: "The call is finished." } },
  {
    answer: "refused",
    refusal: { refused: "invalid", detail: "No.", errors: [{ path: "/body", message: "no" }] },
  },
  { answer: "elsewhere" },
  { answer: "connected", call: journal.call },
];

/** Two servers, and where the second is found as a node of that name. */
export type OpenedPeers = {
  here: Peers;
  there: Peers;
  peerOf: (nodeId: string) => Peer;
  close: () => Promise<void>;
};

/** What every way to other servers must do. */
export function peersContract(name: string, open: () => Promise<OpenedPeers>): void {
  describe(`peers: ${name}`, () => {
    let opened: OpenedPeers;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    /** The second server answers as node `two`, and can be reached. */
    const answering = async (answer: AnswerPeer): Promise<Peer> => {
      const isAsked = { yet: false };
      const door = opened.there.serve(async (question) => {
        if (isAsked.yet) return answer(question);
        return { answer: "done" };
      });
      door.standAs("two");
      await reached("two");
      isAsked.yet = true;
      return opened.peerOf("two");
    };
    const reached = (nodeId: string) =>
      vi.waitFor(async () =>
        expect(await opened.here.ask(opened.peerOf(nodeId), questions[2] as PeerQuestion)).toEqual({
          answer: "done",
        }),
      );

    test.each(questions.map((question) => [question.ask, question] as const))(
      "a question comes as it is: %s",
      async (_ask, question) => {
        const asked: PeerQuestion[] = [];
        const peer = await answering(async (given) => {
          asked.push(given);
          return { answer: "done" };
        });
        expect(await opened.here.ask(peer, question)).toEqual({ answer: "done" });
        expect(asked).toEqual([question]);
      },
    );

    test.each(answers.map((answer) => [answer.answer, answer] as const))(
      "an answer comes as it is: %s",
      async (_name, answer) => {
        const peer = await answering(async () => answer);
        expect(await opened.here.ask(peer, questions[0] as PeerQuestion)).toEqual(answer);
      },
    );

    test("many are asked side by side, and each has its own answer", async () => {
      const peer = await answering(async (question) =>
        question.ask === "hear" ? { answer: "heard", after: Number(question.text) } : { answer: "done" },
      );
      const asked = Array.from({ length: 100 }, (_, after) =>
        opened.here.ask(peer, { ask: "hear", ...whom, text: String(after) }),
      );
      expect(await Promise.all(asked)).toEqual(asked.map((_, after) => ({ answer: "heard", after })));
    });

    test("a node that is not there is reached by nobody, at once", async () => {
      const peer = await answering(async () => ({ answer: "done" }));
      expect(await opened.here.ask(opened.peerOf("nobody"), questions[0] as PeerQuestion)).toSatisfy(
        isUndone,
      );
      expect(await opened.here.ask(peer, questions[0] as PeerQuestion)).toEqual({ answer: "done" });
    });

    test("a server that has become another node is no more the one that it was", async () => {
      const door = opened.there.serve(async () => ({ answer: "done" }));
      door.standAs("two");
      await reached("two");
      door.standAs("three");
      await reached("three");
      expect(await opened.here.ask(opened.peerOf("two"), questions[0] as PeerQuestion)).toSatisfy(isUndone);
      door.close();
      await vi.waitFor(async () =>
        expect(await opened.here.ask(opened.peerOf("three"), questions[0] as PeerQuestion)).toSatisfy(
          isUndone,
        ),
      );
    });
  });
}

/** It was certainly not done. */
function isUndone(answered: Awaited<ReturnType<Peers["ask"]>>): boolean {
  return "unreached" in answered ? answered.unreached === "nobody" : answered.answer === "elsewhere";
}
