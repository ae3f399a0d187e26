import { attempt as attemptSchema, mask, verify } from "@offhook/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { systemRandom } from "../random.ts";
import type { ServerSettings } from "../store.ts";
import { type Behaviour, openReceiver, type Receiver, recordingEgress } from "../testing/receiver.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { attempt, type Attempted } from "./attempt.ts";
import { retryAfter, retryAfterMsMax } from "./attempt-later.ts";
import { openEgress } from "./egress.ts";
import type { Egress } from "./egress-port.ts";
import { parseAllow, publicOnly } from "./guard-allow.ts";

let egress: Egress;
let receiver: Receiver;

beforeAll(async () => {
  const allowed = parseAllow("loopback");
  egress = openEgress({ rules: allowed.kind === "rules" ? allowed.rules : publicOnly, clock: systemClock });
  receiver = await openReceiver();
});

afterEach(() => receiver.behave([]));

afterAll(async () => {
  await egress.close();
  await receiver.close();
});

const server = (over: Partial<ServerSettings> = {}): ServerSettings => ({
  url: receiver.url,
  timeoutSeconds: 15,
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  headers: {},
  auth: "signature",
  ...over,
});

function tell(over: Partial<ServerSettings> = {}, number = 1): Promise<Attempted> {
  const body = '{"message":{"text":"Olá 🙂"}}';
  const more = { id: "evt_TC-1_1", body, attempt: number, clock: systemClock, random: systemRandom };
  return attempt(egress, { server: server(over), ...more });
}

type Row = [behaviour: Behaviour, outcome: Attempted["outcome"], detail: string, retryAfterMs?: number];

const table: Row[] = [
  [{ act: "answer", status: 200, body: "ok" }, "accepted", "answered 200 OK"],
  [{ act: "answer", status: 201 }, "accepted", "answered 201 Created"],
  [{ act: "answer", status: 202 }, "accepted", "answered 202 Accepted"],
  [{ act: "answer", status: 204 }, "accepted", "answered 204 No Content"],
  [{ act: "answer", status: 299 }, "accepted", "answered 299"],
  [{ act: "answer", status: 200, headers: { "retry-after": "5" } }, "accepted", "answered 200 OK"],
  [
    { act: "answer", status: 301, headers: { location: "/x" } },
    "refused",
    "answered 301 Moved Permanently; redirects are not followed (to /x)",
  ],
  [
    { act: "answer", status: 302, headers: { location: "http://10.0.0.1/" } },
    "refused",
    "answered 302 Found; redirects are not followed (to http://10.0.0.1/)",
  ],
  [
    { act: "answer", status: 304 },
    "refused",
    "answered 304 Not Modified; redirects are not followed (to nowhere)",
  ],
  [
    { act: "answer", status: 307, headers: { location: "/x" } },
    "refused",
    "answered 307 Temporary Redirect; redirects are not followed (to /x)",
  ],
  [
    { act: "answer", status: 308 },
    "refused",
    "answered 308 Permanent Redirect; redirects are not followed (to nowhere)",
  ],
  [{ act: "answer", status: 400 }, "refused", "answered 400 Bad Request"],
  [{ act: "answer", status: 401 }, "refused", "answered 401 Unauthorized"],
  [{ act: "answer", status: 404 }, "refused", "answered 404 Not Found"],
  [{ act: "answer", status: 410 }, "gone", "answered 410 Gone"],
  [{ act: "answer", status: 429 }, "busy", "answered 429 Too Many Requests"],
  [
    { act: "answer", status: 429, headers: { "retry-after": "30" } },
    "busy",
    "answered 429 Too Many Requests; asked to come back in 30 s",
    30_000,
  ],
  [{ act: "answer", status: 500 }, "refused", "answered 500 Internal Server Error"],
  [{ act: "answer", status: 502 }, "refused", "answered 502 Bad Gateway"],
  [{ act: "answer", status: 503 }, "busy", "answered 503 Service Unavailable"],
  [
    { act: "answer", status: 503, headers: { "retry-after": "30" } },
    "busy",
    "answered 503 Service Unavailable; asked to come back in 30 s",
    30_000,
  ],
  [{ act: "answer", status: 599 }, "refused", "answered 599"],
  [{ act: "flood", bytes: 2 ** 30 }, "accepted", "answered 200 OK; its body was cut at 64 KiB"],
  [{ act: "never" }, "timed-out", "there was no answer within 0.3 s"],
  [
    { act: "drip", bytes: 10_000, everyMs: 10 },
    "timed-out",
    "the answer (status 200) did not end within 0.3 s",
  ],
  [{ act: "reset" }, "unreachable", "closed the connection before its answer was complete"],
  [{ act: "break-off" }, "unreachable", "closed the connection before its answer was complete"],
  [{ act: "garbage" }, "unreachable", "is not HTTP"],
];

describe("the outcome of an attempt", () => {
  test.each(table)("%j is %s", async (behaviour, outcome, detail, retryAfterMs) => {
    receiver.behave([behaviour]);
    const { retryAfterMs: asked, ...log } = await tell({
      timeoutSeconds: outcome === "timed-out" ? 0.3 : 15,
    });
    expect(log).toMatchObject({ outcome, detail: expect.stringContaining(detail), attempt: 1 });
    expect(asked).toBe(retryAfterMs ?? null);
    expect(attemptSchema.parse(log)).toEqual(log);
    expect(log.answer === null).toBe(outcome === "timed-out" || outcome === "unreachable");
    expect(log.answer?.body.length ?? 0).toBeLessThanOrEqual(65_536);
  });

  test("is unreachable where nobody listens, where there is no such name, and where there is no TLS", async () => {
    const gone = await openReceiver();
    await gone.close();
    expect(await tell({ url: gone.url })).toMatchObject({
      outcome: "unreachable",
      detail: expect.stringContaining("connection refused"),
    });
    expect(await tell({ url: receiver.url.replace("http:", "https:") })).toMatchObject({
      outcome: "unreachable",
    });
  });

  test.each([
    "http://10.0.0.1/hook",
    "http://169.254.169.254/",
    "ftp://example.org/",
    "http://a:b@example.org/",
    "nonsense",
  ])("is forbidden for %s, and says so", async (url) => {
    const forbidden = await tell({ url });
    expect(forbidden).toMatchObject({
      outcome: "forbidden",
      answer: null,
      elapsedMs: 0,
      detail: expect.stringMatching(/\.$/u),
    });
  });

  test("with a secret that cannot sign is refused, and nothing is sent", async () => {
    const before = receiver.requests.length;
    expect(await tell({ secret: "whsec_!!!" })).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining("not base64"),
    });
    expect(receiver.requests).toHaveLength(before);
  });
});

describe("what is sent", () => {
  test("can be verified, is the same body, and counts the attempts", async () => {
    await tell({}, 7);
    const [request] = receiver.requests.slice(-1);
    if (request === undefined) throw new Error("nothing was received");
    const { headers, body, method } = request;
    const signed = {
      id: headers["webhook-id"] ?? "",
      timestamp: headers["webhook-timestamp"] ?? "",
      signature: headers["webhook-signature"] ?? "",
    };
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    expect(await verify({ secrets, headers: signed, body, now: systemClock.now() })).toBeUndefined();
    expect([method, body, headers["offhook-attempt"]]).toEqual([
      "POST",
      '{"message":{"text":"Olá 🙂"}}',
      "7",
    ]);
    expect(headers["content-type"]).toBe("application/json");
  });
});

describe("the log", () => {
  test("shows no secret: not the shared one, not the server's headers, not the answer's cookies", async () => {
    receiver.behave([{ act: "answer", headers: { "set-cookie": "session=secret-5" }, body: "thanks" }]);
    const own = {
      Authorization: "Bearer secret-1",
      "x-api-key": "secret-2",
      "X-Plain": "shown",
      Cookie: "secret-3",
    };
    const log = await tell({ auth: "both", secret: "the secret-4 of all", headers: own });
    expect(JSON.stringify(log)).not.toMatch(/secret-\d/u);
    expect(log.request.headers).toMatchObject({
      authorization: mask,
      "x-api-key": mask,
      cookie: mask,
      "x-interactly-secret": mask,
      "x-plain": "shown",
    });
    expect(log.request.headers["webhook-signature"]).toMatch(/^v1,/u);
    expect(log.answer).toMatchObject({ status: 200, body: "thanks", headers: { "set-cookie": mask } });
    expect(receiver.requests.at(-1)?.headers).toMatchObject({
      authorization: "Bearer secret-1",
      "x-interactly-secret": "the secret-4 of all",
    });
  });

  test("keeps 64 KiB of the answer, and never half a character", async () => {
    receiver.behave([{ act: "answer", body: `x${"ü".repeat(40_000)}` }]);
    const { answer } = await tell();
    expect(answer?.body).toBe(`x${"ü".repeat(32_767)}`);
  });

  test("reads bytes that are no text all the same", async () => {
    receiver.behave([{ act: "answer", body: new Uint8Array([0x61, 0xff, 0x62]) }]);
    expect((await tell()).answer?.body).toBe("a\ufffdb");
  });
});

describe("in the time of a virtual clock", () => {
  test("an attempt takes as long as its server", async () => {
    const clock = virtualClock();
    const way = recordingEgress(clock, [
      { act: "answer", status: 503, delayMs: 1_500, headers: { "retry-after": "7" } },
      { act: "never" },
    ]);
    const given = {
      server: server({ timeoutSeconds: 20 }),
      id: "evt_1",
      body: "{}",
      clock,
      random: systemRandom,
    };
    const first = attempt(way, { ...given, attempt: 1 });
    await clock.advance(1_500);
    expect(await first).toMatchObject({ outcome: "busy", elapsedMs: 1_500, retryAfterMs: 7_000 });
    const second = attempt(way, { ...given, attempt: 2 });
    await clock.advance(20_000);
    expect(await second).toMatchObject({ outcome: "timed-out", elapsedMs: 20_000, at: clock.now() - 20_000 });
    expect(way.requests.map(({ headers }) => headers["offhook-attempt"])).toEqual(["1", "2"]);
  });
});

const noon = Date.parse("2026-11-02T12:00:00Z");

test.each([
  [undefined, null],
  ["", null],
  ["30", 30_000],
  [" 30 ", 30_000],
  ["0", 0],
  ["1.5", 1_500],
  ["-5", null],
  ["soon", null],
  ["1e9", null],
  ["999999999999", retryAfterMsMax],
  ["Mon, 02 Nov 2026 12:00:30 GMT", 30_000],
  ["Mon, 02 Nov 2026 11:00:00 GMT", 0],
  ["Monday, 02-Nov-26 12:00:30 GMT", 30_000],
  ["Mon Nov  2 12:00:30 2026", 30_000],
  ["Fri, 01 Jan 2100 00:00:00 GMT", retryAfterMsMax],
  ["2026-11-02T12:00:30Z", null],
  ["Mon, 99 Foo 2026 12:00:30 GMT", null],
  ["1".repeat(10_000), null],
])("Retry-After: %s is %s ms from noon", (header, delayMs) => {
  expect(retryAfter(header, noon)).toBe(delayMs);
});
