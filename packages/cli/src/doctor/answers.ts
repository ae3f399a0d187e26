import { makeCallId } from "@offhook/protocol";
import { isAccepted, saw } from "../check/findings.ts";
import { systemNow } from "../clock.ts";
import { makeSecret, makeUuid } from "../random.ts";
import type { Incoming } from "../sending/exchange.ts";
import { letterOf, sampleLetter, sampleToolMessage } from "../sending/letter.ts";
import { post, type Proof } from "../sending/signed.ts";
import { type Step, step } from "./step.ts";

/** An answer that takes longer holds up the events behind it, in ms. */
const slowMs = 3_000;
/** The time that a Server URL has by default, in ms. */
const timeoutMs = 20_000;
/** Clocks may differ so much before signatures are refused, in ms; half of what is allowed. */
const skewMaxMs = 150_000;

export type Looking = { url: string; proof: Proof };

/** What the receiver answers to an event, to a forged one and to a tool call. */
export async function lookAtAnswers(looking: Looking): Promise<Step[]> {
  const answer = await post({ ...posting(looking), letter: sampleEvent() });
  if (answer.kind !== "answered") return [step("answer", "bad", `Nobody answers there: ${answer.detail}.`)];
  return [
    lookAtStatus(answer, looking.proof),
    lookAtTime(answer),
    lookAtClock(answer),
    await lookAtForged(looking),
    await lookAtTool(looking),
  ];
}

const posting = ({ url, proof }: Looking) => ({ url, proof, attempt: 1, timeoutMs });
const sampleEvent = () =>
  sampleLetter("status-update", { callId: makeCallId("chat", makeUuid()), format: "2025-04" });

type Answered = Extract<Incoming, { kind: "answered" }>;

function lookAtStatus(answer: Answered, { secret }: Proof): Step {
  if (isAccepted(answer)) return step("answer", "good", `An event is accepted with ${answer.status}.`);
  if (answer.status === 401 || answer.status === 403) {
    const why =
      secret === undefined
        ? "it was not signed; give the secret as --secret"
        : "do both sides have the same secret, and is the raw body verified?";
    return step("answer", "bad", `An event is refused (${saw(answer)}): ${why}.`);
  }
  if (answer.status === 404)
    return step("answer", "bad", "There is nothing at this path (404): is it the right one?");
  return step("answer", "bad", `An event is not accepted: ${saw(answer)}. Any 2xx would be right.`);
}

function lookAtTime({ elapsedMs }: Answered): Step {
  const took = `The answer took ${elapsedMs} ms`;
  return elapsedMs <= slowMs
    ? step("time", "good", `${took}.`)
    : step(
        "time",
        "bad",
        `${took}: acknowledge first and work afterwards, for the next event of the call waits.`,
      );
}

function lookAtClock({ headers }: Answered): Step {
  const theirs = Date.parse(headers["date"] ?? "");
  if (Number.isNaN(theirs)) return step("clock", "unknown", "It does not say what time it has.");
  const offMs = Math.abs(theirs - systemNow());
  const seconds = Math.round(offMs / 1_000);
  return offMs <= skewMaxMs
    ? step("clock", "good", `Its clock and ours differ by ${seconds} s.`)
    : step(
        "clock",
        "bad",
        `Its clock and ours differ by ${seconds} s: from 300 s on, signatures are refused.`,
      );
}

async function lookAtForged(looking: Looking): Promise<Step> {
  const forged = { ...looking.proof, secret: makeSecret() };
  const answer = await post({ ...posting({ ...looking, proof: forged }), letter: sampleEvent() });
  if (answer.kind !== "answered") return step("forgery", "unknown", `Nobody answered: ${answer.detail}.`);
  return isAccepted(answer)
    ? step(
        "forgery",
        "bad",
        "An event that a stranger signed is accepted: anybody can speak in our name. Verify the signature.",
      )
    : step("forgery", "good", `An event that a stranger signed is refused with ${answer.status}.`);
}

async function lookAtTool(looking: Looking): Promise<Step> {
  const wanted = { toolCallId: `tool_${makeUuid()}_1`, name: "offhookDoctor", arguments: {} };
  const message = sampleToolMessage(wanted, { callId: makeCallId("chat", makeUuid()), format: "2025-04" });
  const answer = await post({ ...posting(looking), letter: letterOf(message) });
  if (answer.kind === "answered" && answer.status < 500)
    return step("tool", "good", `A tool that it does not have is answered: ${saw(answer)}.`);
  return step(
    "tool",
    "bad",
    `A tool that it does not have breaks it: ${saw(answer)}. Answer {"error": "…"}.`,
  );
}
