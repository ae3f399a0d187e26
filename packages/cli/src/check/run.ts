import { systemNow } from "../clock.ts";
import type { Case, Need } from "./case.ts";
import { openProbe, type Probe, type ProbeOptions } from "./probe.ts";

/** What came of a case. */
export type Verdict =
  | { verdict: "passed"; elapsedMs: number }
  | { verdict: "failed"; saw: string; elapsedMs: number }
  | { verdict: "skipped"; why: string };

export type Judged = { case: Case; came: Verdict };

/** Asks a receiver everything, one case after another; `at` is told before each how many are done. */
export async function runCases(
  cases: readonly Case[],
  options: ProbeOptions,
  at: (done: number, name: string) => void = () => undefined,
): Promise<Judged[]> {
  const probe = openProbe(options);
  const judged: Judged[] = [];
  for (const [index, one] of cases.entries()) {
    if (options.signal?.aborted) break;
    at(index, one.name);
    judged.push({ case: one, came: await judge(one, probe) });
  }
  return judged;
}

async function judge(one: Case, probe: Probe): Promise<Verdict> {
  const why = whySkipped(one.needs, probe);
  if (why !== undefined) return { verdict: "skipped", why };
  const begunAt = systemNow();
  const saw = await one.run(probe);
  const elapsedMs = systemNow() - begunAt;
  return saw === undefined ? { verdict: "passed", elapsedMs } : { verdict: "failed", saw, elapsedMs };
}

/** Why a case cannot be asked; `undefined` when it can. */
function whySkipped(need: Need, { proof, tool }: Pick<Probe, "proof" | "tool">): string | undefined {
  const noSecret = proof.secret === undefined ? "needs --secret" : undefined;
  switch (need) {
    case "nothing":
      return undefined;
    case "a secret":
      return noSecret;
    case "a signature":
      return noSecret ?? (proof.auth === "signature" ? undefined : "not with --auth header");
    case "a shared header":
      return noSecret ?? (proof.auth === "header" ? undefined : "only with --auth header");
    case "a tool":
      return tool === undefined ? "needs --tool and --arguments" : undefined;
  }
}
