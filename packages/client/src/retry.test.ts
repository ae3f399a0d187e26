import type { Problem } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { defaultLimits } from "./limits.ts";
import { retryAfterOf, withRetries } from "./retry.ts";

const limits = { ...defaultLimits, retriesMax: 2, retryFirstMs: 1, retryLastMs: 5 };
const good: Answer<string> = { ok: true, value: "done" };
const bad = (status: number, code = "problem"): Answer<string> => {
  const problem: Problem = { type: "t", title: "t", status, detail: "d", code };
  return { ok: false, problem };
};

async function asks(answers: Answer<string>[], isRepeatable: boolean, retryAfterMs: number | null = null) {
  let times = 0;
  const ask = async () => ({ answer: answers[times++] ?? good, retryAfterMs });
  const answer = await withRetries(ask, { limits, isRepeatable, signal: undefined });
  return { times, ok: answer.ok };
}

describe("asking again", () => {
  it.each([
    ["a good answer", [good], true, 1, true],
    ["not now, then good", [bad(503), good], false, 2, true],
    ["too many, then good", [bad(429), good], false, 2, true],
    ["not now for ever", [bad(503), bad(503), bad(503), good], true, 3, false],
    ["out of reach, repeatable", [bad(0, "unreachable"), good], true, 2, true],
    ["out of reach, not repeatable", [bad(0, "unreachable"), good], false, 1, false],
    ["a gateway that fails, repeatable", [bad(502), bad(504), good], true, 3, true],
    ["a gateway that fails, not repeatable", [bad(502), good], false, 1, false],
    ["a refusal", [bad(422), good], true, 1, false],
    ["a server's bug", [bad(500), good], true, 1, false],
    ["a time-out", [bad(0, "timed-out"), good], true, 1, false],
  ])("%s", async (_, answers, isRepeatable, times, ok) => {
    expect(await asks(answers, isRepeatable)).toEqual({ times, ok });
  });

  it("waits as long as it is asked to, but not for ever", async () => {
    expect(await asks([bad(503), good], true, 5)).toEqual({ times: 2, ok: true });
    expect(await asks([bad(503), good], true, 6)).toEqual({ times: 1, ok: false });
  });

  it("stops when the caller says so", async () => {
    const signal = AbortSignal.abort();
    let times = 0;
    const ask = async () => {
      times += 1;
      return { answer: bad(503), retryAfterMs: null };
    };
    expect((await withRetries(ask, { limits, isRepeatable: true, signal })).ok).toBe(false);
    expect(times).toBe(1);
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 2, 2, 9);
  it.each([
    [null, null],
    ["2", 2_000],
    ["Mon, 02 Mar 2026 09:00:03 GMT", 3_000],
    ["Mon, 02 Mar 2026 08:00:00 GMT", 0],
    ["soon", null],
  ])("%s", (header, ms) => {
    expect(retryAfterOf(header, now)).toBe(ms);
  });
});
