import type { Answer, SampleInput } from "@offhook/client";
import type { SampleTrial } from "@offhook/protocol";
import { span } from "../ui/words.ts";
import { signedAnew } from "./sample-of.ts";

/** What the check looks at, in this order. */
export const checkSteps = {
  guard: "The server may connect there",
  reach: "It is reached",
  tls: "TLS",
  signed: "An event is accepted",
  forged: "A forged signature is refused",
  tool: "A tool call is answered",
} as const;
export type CheckStep = keyof typeof checkSteps;

export type Finding = { step: CheckStep; state: "ok" | "failed" | "skipped"; words: string };

export type Checked = {
  url: string;
  sample: SampleInput;
  /** Whether a secret is kept that the sample cannot be signed with. */
  isSecretUnknown: boolean;
  send: (sample: SampleInput) => Promise<Answer<SampleTrial>>;
};

/** Not the secret of anybody: what it signs must be refused. */
const forgedSecret = "offhook-check-forged-on-purpose";

/** Finds out step by step whether a Server URL works, from the server's place; sends up to three samples. */
export async function* checkServerUrl(checked: Checked): AsyncGenerator<Finding> {
  const { url, sample, isSecretUnknown, send } = checked;
  const signed = await send({ ...sample, type: "status-update" });
  const way = wayOf(url, signed);
  yield* way;
  if (!signed.ok || way.some(({ state }) => state === "failed")) return yield* notTried(way.length);
  const accepted = signedFinding(signed.value, isSecretUnknown);
  yield accepted;
  const forged = await send({ ...signedAnew(sample, forgedSecret), type: "status-update" });
  yield forged.ok ? forgedFinding(forged.value, accepted) : failed("forged", forged.problem.detail);
  const tool = await send({ ...sample, type: "function-call" });
  yield tool.ok ? toolFinding(tool.value, isSecretUnknown) : failed("tool", tool.problem.detail);
}

const ok = (step: CheckStep, words: string): Finding => ({ step, state: "ok", words });
const failed = (step: CheckStep, words: string): Finding => ({ step, state: "failed", words });
const skipped = (step: CheckStep, words: string): Finding => ({ step, state: "skipped", words });

function notTried(from: number): Finding[] {
  const steps: CheckStep[] = ["guard", "reach", "tls", "signed", "forged", "tool"];
  return steps.slice(from).map((step) => skipped(step, "Not tried."));
}

/** The way there: up to the first step that fails. */
function wayOf(url: string, signed: Answer<SampleTrial>): Finding[] {
  if (!signed.ok) return [failed("guard", signed.problem.detail)];
  const { outcome, detail, answer, phases } = signed.value;
  if (outcome === "forbidden") return [failed("guard", `${detail}.`)];
  const guard = ok("guard", "None of its addresses is forbidden.");
  if (answer === null && phases.connectMs === null) return [guard, failed("reach", `${detail}.`)];
  const reach = ok("reach", reachedIn(signed.value));
  const hasTls = URL.parse(url)?.protocol === "https:";
  if (hasTls && answer === null && phases.tlsMs === null) return [guard, reach, failed("tls", `${detail}.`)];
  const plain =
    "Not used: the address is http, so what is sent can be read on the way. On one machine that is well.";
  const tls = hasTls ? ok("tls", "The certificate is good for this name.") : skipped("tls", plain);
  return [guard, reach, tls];
}

function reachedIn({ phases: { connectMs }, elapsedMs }: SampleTrial): string {
  return connectMs === null
    ? `Over a connection that was open, ${span(elapsedMs)} in all.`
    : `Connected in ${span(connectMs)}, ${span(elapsedMs)} in all.`;
}

const writeSecret =
  "The kept secret is sent only to the kept address: save this one first, or write the secret into its field, to have this checked.";

/** That it is refused says nothing when it could not be signed. */
function signedFinding({ outcome, detail }: SampleTrial, isSecretUnknown: boolean): Finding {
  if (outcome === "accepted") return ok("signed", `It ${detail}.`);
  if (isSecretUnknown && outcome === "refused") return skipped("signed", `It ${detail}. ${writeSecret}`);
  return failed("signed", `${whatCame(detail)}; any 2xx within the patience accepts an event.`);
}

function forgedFinding({ outcome, detail, answer }: SampleTrial, signed: Finding): Finding {
  if (outcome === "accepted")
    return failed(
      "forged",
      `It ${detail} to an event that somebody else signed: verify the signature before anything else.`,
    );
  const isRefused = outcome === "refused" && answer !== null && answer.status >= 400 && answer.status < 500;
  if (!isRefused)
    return failed("forged", `${whatCame(detail)}; answer 401, so that it is not taken for a breakdown.`);
  if (signed.state === "failed")
    return skipped("forged", `It ${detail}, but so it refused the event that was signed well.`);
  return ok("forged", `It ${detail}.`);
}

function toolFinding({ outcome, detail, answer }: SampleTrial, isSecretUnknown: boolean): Finding {
  if (outcome !== "accepted") {
    if (isSecretUnknown && outcome === "refused") return skipped("tool", `It ${detail}. ${writeSecret}`);
    return failed(
      "tool",
      `${whatCame(detail)}; also a tool that is not there is answered 200, with an error.`,
    );
  }
  const body = answer?.body.trim() ?? "";
  if (body === "" || body === "{}")
    return failed(
      "tool",
      `It ${detail} with nothing in it: the assistant is told neither a result nor an error.`,
    );
  return ok("tool", `It ${detail}: ${body.slice(0, shownMax)}`);
}

/** So much of an answer is shown, in characters. */
const shownMax = 200;

/** A detail as the beginning of a sentence. */
function whatCame(detail: string): string {
  return detail.startsWith("answered") ? `It ${detail}` : detail.slice(0, 1).toUpperCase() + detail.slice(1);
}
