import type { Refusal } from "@offhook/protocol";
import type { CallDoors, Calls } from "../calls/calls.ts";
import type { AnswerPeer, ListenerQuestion, PeerAnswer, PeerQuestion } from "../peers.ts";

export type AnswerListening = (question: ListenerQuestion) => PeerAnswer | Promise<PeerAnswer>;

/** Answers other servers for the calls that are held here, and for those who listen here. */
export function answerPeer(local: CallDoors & Pick<Calls, "holds">, listening: AnswerListening): AnswerPeer {
  return async (question) => {
    if (question.ask === "connect") return connect(local, question);
    if (isOfListeners(question)) return listening(question);
    if (!local.holds(question)) return { answer: "elsewhere" };
    switch (question.ask) {
      case "control":
        return done(await local.control(question));
      case "leave":
        return done(await local.leave(question));
      case "look":
        return { answer: "looked", state: (await local.look(question)) ?? null };
      case "hear": {
        const heard = await local.hear(question);
        return "refused" in heard ? refused(heard) : { answer: "heard", after: heard.after };
      }
    }
  };
}

function isOfListeners(question: PeerQuestion): question is ListenerQuestion {
  return question.ask === "listen" || question.ask === "offer" || question.ask === "answer";
}

async function connect(
  local: CallDoors,
  { teamId, body, idempotencyKey }: Extract<PeerQuestion, { ask: "connect" }>,
): Promise<PeerAnswer> {
  const call = await local.connect({ teamId, body, idempotencyKey });
  return "refused" in call ? refused(call) : { answer: "connected", call };
}

function done(refusal: Refusal | undefined): PeerAnswer {
  return refusal === undefined ? { answer: "done" } : refused(refusal);
}

function refused(refusal: Refusal): PeerAnswer {
  return { answer: "refused", refusal };
}
