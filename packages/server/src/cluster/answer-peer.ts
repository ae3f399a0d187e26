import type { Refusal } from "@offhook/protocol";
import type { CallDoors, Calls } from "../calls/calls.ts";
import type { AnswerPeer, PeerAnswer, PeerQuestion } from "../peers.ts";

/** Answers other servers for the calls that are held here. */
export function answerPeer(local: CallDoors & Pick<Calls, "holds">): AnswerPeer {
  return async (question) => {
    if (question.ask === "connect") return connect(local, question);
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
