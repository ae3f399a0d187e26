import type { Answer, SampleInput } from "@offhook/client";
import type { SampleTrial } from "@offhook/protocol";
import { expect, test } from "vitest";
import { checkServerUrl, type Finding } from "./check.ts";

type Came = Pick<SampleTrial, "outcome" | "detail"> & {
  body?: string;
  phases?: Partial<SampleTrial["phases"]>;
};

const url = "https://app.example.org/offhook";
const well: Came = { outcome: "accepted", detail: "answered 200 OK", body: "" };
const refused: Came = { outcome: "refused", detail: "answered 401 Unauthorized", body: "" };
const broken: Came = { outcome: "refused", detail: "answered 500 Internal Server Error", body: "" };
const noTool: Came = { ...well, body: '{"error":"There is no such tool."}' };

function trialOf({ body, phases, ...came }: Came): SampleTrial {
  const status = Number(/\d{3}/u.exec(came.detail)?.[0]);
  return {
    ...came,
    attempt: 1,
    at: 0,
    elapsedMs: 30,
    phases: { dnsMs: 1, connectMs: 2, tlsMs: 4, firstByteMs: 9, ...phases },
    request: { url, headers: {}, body: "" },
    answer: body === undefined ? null : { status, headers: {}, body },
  };
}

type Case = {
  what: string;
  signed: Came;
  forged?: Came;
  tool?: Came;
  address?: string;
  isSecretUnknown?: boolean;
  states: string;
  says: RegExp;
};

/** Of each step, by its first letter: o for ok, f for failed, s for skipped. */
const cases: Case[] = [
  {
    what: "all is well",
    signed: well,
    forged: refused,
    tool: noTool,
    states: "oooooo",
    says: /no such tool/u,
  },
  {
    what: "http has no TLS",
    signed: well,
    forged: refused,
    tool: noTool,
    address: "http://app.example.org/offhook",
    states: "oosooo",
    says: /the address is http/u,
  },
  {
    what: "the address is forbidden",
    signed: { outcome: "forbidden", detail: "10.0.0.1 is private" },
    states: "fsssss",
    says: /10\.0\.0\.1/u,
  },
  {
    what: "nobody is there",
    signed: {
      outcome: "unreachable",
      detail: "connection refused",
      phases: { connectMs: null, tlsMs: null },
    },
    states: "ofssss",
    says: /connection refused/u,
  },
  {
    what: "the certificate is bad",
    signed: { outcome: "unreachable", detail: "the certificate has expired", phases: { tlsMs: null } },
    states: "oofsss",
    says: /expired/u,
  },
  {
    what: "it does not answer in time",
    signed: { outcome: "timed-out", detail: "no answer within 20 s" },
    forged: refused,
    tool: noTool,
    states: "ooofso",
    says: /No answer within 20 s/u,
  },
  {
    what: "nothing is verified",
    signed: well,
    forged: well,
    tool: noTool,
    states: "oooofo",
    says: /verify the signature/u,
  },
  {
    what: "a forged signature breaks it",
    signed: well,
    forged: broken,
    tool: noTool,
    states: "oooofo",
    says: /answer 401/u,
  },
  {
    what: "everything is refused",
    signed: refused,
    forged: refused,
    tool: refused,
    states: "ooofsf",
    says: /so it refused the event that was signed well/u,
  },
  {
    what: "the secret is not known",
    signed: refused,
    forged: refused,
    tool: refused,
    isSecretUnknown: true,
    states: "ooosos",
    says: /write the secret into its field/u,
  },
  {
    what: "the tool call is taken for an event",
    signed: well,
    forged: refused,
    tool: { ...well, body: "{}" },
    states: "ooooof",
    says: /neither a result nor an error/u,
  },
];

test.each(cases)(
  "$what",
  async ({ states, says, signed, address = url, isSecretUnknown = false, ...other }) => {
    const given = { signed, forged: other.forged, tool: other.tool };
    const send = async ({ type, ...sample }: SampleInput): Promise<Answer<SampleTrial>> => {
      const secret = "url" in sample ? sample.secret : "";
      const came = type === "function-call" ? given.tool : secret === "mine" ? given.signed : given.forged;
      if (came === undefined) throw new Error("nothing more was to be sent");
      return { ok: true, value: trialOf(came) };
    };
    const findings: Finding[] = [];
    const checked = { url: address, sample: { url: address, secret: "mine" }, isSecretUnknown, send };
    for await (const finding of checkServerUrl(checked)) findings.push(finding);
    expect(findings.map(({ state }) => state[0]).join("")).toBe(states);
    expect(findings.map(({ words }) => words).join("\n")).toMatch(says);
  },
);

test("what the server will not send at all is the first step's fault", async () => {
  const problem = {
    type: "about:blank",
    title: "Forbidden address",
    status: 422,
    code: "forbidden-address",
    detail: "127.0.0.1 is loopback.",
  } as const;
  const findings: Finding[] = [];
  const send = async (): Promise<Answer<SampleTrial>> => ({ ok: false, problem });
  for await (const finding of checkServerUrl({ url, sample: { url }, isSecretUnknown: false, send }))
    findings.push(finding);
  expect(findings[0]).toEqual({ step: "guard", state: "failed", words: problem.detail });
  expect(findings.map(({ state }) => state)).toEqual(["failed", ...Array<string>(5).fill("skipped")]);
});
