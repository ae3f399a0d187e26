import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  badReceiver,
  type BadReceiver,
  type ReceiverFault,
  receiverFaults,
} from "../testing/bad-receiver.ts";
import { allCases } from "./cases.ts";
import { type Judged, runCases } from "./run.ts";

const secret = "a secret for the trials";
/** The late receiver takes 250 ms. */
const limits = { answerMaxMs: 200, waitMaxMs: 5_000, pauseMs: 10 };

async function failedAt(receiver: BadReceiver, names?: readonly string[]): Promise<string[]> {
  const judged = await ask(receiver, names);
  return judged.flatMap(({ case: { name }, came }) => (came.verdict === "failed" ? [name] : []));
}

function ask({ url }: BadReceiver, names?: readonly string[]): Promise<Judged[]> {
  const cases = names === undefined ? allCases : allCases.filter(({ name }) => names.includes(name));
  const tool = { name: "findSlots", arguments: { day: "Monday" } };
  return runCases(cases, { url, proof: { secret, auth: "signature" }, tool, limits });
}

/** Which cases find a fault; each of them must. */
const found: Record<ReceiverFault, readonly string[]> = {
  "believes everybody": ["signature-forged", "signature-missing", "timestamp-old", "tool-forged"],
  "believes who does not sign": ["signature-missing"],
  "signs only the body": ["signature-valid"],
  "leaves the id unsigned": ["signature-valid"],
  "ignores old timestamps": ["timestamp-old"],
  "ignores future timestamps": ["timestamp-future"],
  "takes timestamps for milliseconds": ["signature-valid", "timestamp-two-minutes"],
  "compares only a beginning": ["signature-truncated"],
  "reads only the first signature": ["signature-rotated", "signature-of-other-versions"],
  "signs the JSON that it wrote again": ["signature-over-raw-bytes"],
  "verifies only events": ["tool-forged"],
  "answers GET": ["method-get", "method-put"],
  "minds the charset": ["content-type-charset"],
  "breaks at broken JSON": ["json-broken"],
  "accepts an empty body": ["body-empty"],
  "breaks at null": ["json-of-other-kinds"],
  "reads only the first piece": ["body-slow"],
  "takes 100 KB at most": ["body-of-one-megabyte"],
  "answers late": ["answer-in-time"],
  redirects: ["event-status-update"],
  "is strict about types": ["unknown-type"],
  "is strict about fields": ["unknown-fields"],
  "knows only its own statuses": ["unknown-statuses"],
  "needs every object": ["missing-objects"],
  "needs message.status": ["format-2026-03"],
  "needs a message": ["campaign-without-message", "workflow-without-message"],
  "keeps message ids unique": ["message-id-twice"],
  "refuses a hang": ["event-hang"],
  "refuses what it knows": ["event-again"],
  "breaks at the same moment": ["event-again-at-once", "calls-at-once"],
  "refuses the past": ["out-of-order"],
  "refuses a gap": ["gap-announced"],
  "refuses unknown calls": ["call-unheard-of"],
  "does one thing at a time": ["calls-at-once", "tool-calls-at-once"],
  "wants parameters as an object": ["tool-parameters-as-text"],
  "wants the envelope": ["tool-bare-arguments"],
  "forgets the ids of a list": ["tool-calls-of-vapi"],
  "answers only the first of a list": ["tool-calls-several"],
  "runs a tool again": ["tool-again", "tool-again-at-once"],
  "says nothing of unknown tools": ["tool-unknown"],
  "finds tools in the prototype": ["tool-name-of-an-object"],
  "breaks at wrong arguments": ["tool-wrong-arguments", "tool-broken-arguments"],
  "tells its secret": ["secret-not-told"],
};

describe("the conformance kit", () => {
  let good: BadReceiver;
  beforeAll(async () => {
    good = await badReceiver(secret, []);
  });
  afterAll(() => good.close());

  it("finds nothing in a good receiver", async () => {
    const judged = await ask(good);
    expect(judged.filter(({ came }) => came.verdict === "failed")).toEqual([]);
    expect(judged.filter(({ came }) => came.verdict === "passed").length).toBeGreaterThanOrEqual(40);
  });

  it.each(receiverFaults)("finds a receiver that %s", async (fault) => {
    const receiver = await badReceiver(secret, [fault]);
    // The last case looks at the answers to a refused one.
    const names = [...found[fault], "signature-valid", "signature-forged"];
    const failed = await failedAt(receiver, names);
    await receiver.close();
    expect(failed).toEqual(expect.arrayContaining([...found[fault]]));
  });

  it("says of a case that it cannot ask what it needs", async () => {
    const { url } = good;
    const judged = await runCases(allCases, {
      url,
      proof: { secret: undefined, auth: "signature" },
      tool: undefined,
      limits,
    });
    const why = judged.flatMap(({ came }) => (came.verdict === "skipped" ? [came.why] : []));
    expect(new Set(why)).toEqual(new Set(["needs --secret", "needs --tool and --arguments"]));
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const judged = await runCases(
      allCases,
      { url: good.url, proof: { secret, auth: "signature" }, tool: undefined, limits, signal: stop.signal },
      (done) => (done === 3 ? stop.abort() : undefined),
    );
    expect(judged.length).toBeLessThan(6);
  });
});

describe("the cases", () => {
  it("have names of their own, and say what is expected and how to mend it", () => {
    expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
    for (const { name, expects, mend } of allCases) {
      expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u);
      expect(expects).toMatch(/\.$/u);
      expect(mend).toMatch(/\.$/u);
    }
  });
});
