import { connectBody, makeCallId, type TeamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type AnswerPeer,
  type Peer,
  type PeerAnswer,
  peerLimits,
  type PeerQuestion,
  type Peers,
} from "../../peers.ts";
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
  {
    ask: "listen",
    from: { nodeId: "one", url: "http://one" },
    turn: 7,
    listeners: [
      { teamId, assistants: "all", since: 1.5 },
      { teamId, assistants: ["asst-1", "asst-2"], since: 2 },
    ],
  },
  offerOf("Grüße"),
  { ask: "answer", teamId, toolCallId: "t1", answer: { type: "taken" } },
  {
    ask: "answer",
    teamId,
    toolCallId: "t1",
    answer: { type: "answered", status: 200, headers: { "content-type": "text/plain" }, body: "nine\u0000" },
  },
];

function offerOf(text: string): PeerQuestion {
  const call = { id: "t1", callId, assistantId: "asst-1", name: "find", attempt: 1, body: text };
  return { ask: "offer", teamId, call: { ...call, timeoutMs: 5_000 } };
}

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
  { answer: "offered", offered: { came: "answered", status: 200, headers: { a: "b" }, body: "AAEC" } },
  { answer: "offered", offered: { came: "failed", kind: "too-large", detail: "too large" } },
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

    test("those that wait long keep nobody waiting", async () => {
      const peer = await answering(async ({ ask }) =>
        ask === "offer" ? new Promise(() => undefined) : { answer: "done" },
      );
      const offers = Array.from({ length: 100 }, () => opened.here.ask(peer, offerOf("")));
      const first = await Promise.race([...offers, opened.here.ask(peer, questions[0] as PeerQuestion)]);
      expect(first).toEqual({ answer: "done" });
    });

    test("a question that is too large certainly reached nobody", async () => {
      const asked: PeerQuestion[] = [];
      const peer = await answering(async (given) => {
        asked.push(given);
        return { answer: "done" };
      });
      const large = offerOf("x".repeat(peerLimits.bytesMax));
      expect(await opened.here.ask(peer, large)).toEqual({ unreached: "nobody" });
      expect(asked).toEqual([]);
    });

    test("an answer that is too large is not waited for in vain", async () => {
      const detail = "ü".repeat(peerLimits.bytesMax / 2);
      const peer = await answering(async () => ({
        answer: "offered",
        offered: { came: "failed", kind: "stopped", detail },
      }));
      expect(await opened.here.ask(peer, questions[0] as PeerQuestion)).toMatchObject({
        answer: "refused",
        refusal: { refused: "outcome-unknown" },
      });
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
