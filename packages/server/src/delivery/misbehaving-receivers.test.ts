import type { Socket } from "node:net";
import type { ServerTls } from "@offhook/protocol";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { systemRandom } from "../random.ts";
import { type Certificate, makeAuthority, makeCertificate } from "../testing/certificates.ts";
import { openRawServer } from "../testing/listening.ts";
import { type Behaviour, openReceiver } from "../testing/receiver.ts";
import { openTlsReceiver } from "../testing/tls-receiver.ts";
import { attempt, type Attempted } from "./attempt.ts";
import { openEgress } from "./egress.ts";
import type { Egress } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";
import { decide, type LaneOf } from "./lane.ts";
import { retryDelaysMs } from "./patience.ts";
import { now, show } from "./testing/lanes.ts";

/** Receivers that misbehave in every way that we know of: what is written down, and what the lane then does. */
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function kept<One extends { close(): Promise<void> }>(one: One): One {
  opened.push(one);
  return one;
}

let authority: Certificate;
beforeAll(async () => {
  authority = await makeAuthority("ours");
});

/** Where an event is sent, and how. */
type Place = { url: string; tls?: ServerTls; timeoutSeconds?: number };
type Receiver = () => Promise<Place>;

const behaves =
  (behaviour: Behaviour, timeoutSeconds?: number): Receiver =>
  async () => {
    const { url } = kept(await openReceiver({ script: [behaviour] }));
    return { url, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
  };

const answers = (status: number, headers: Record<string, string> = {}): Receiver =>
  behaves({ act: "answer", status, headers });

/** Says something as soon as the request is there. */
const says =
  (text: string, then: (socket: Socket) => void = () => {}): Receiver =>
  async () => {
    const act = (socket: Socket): void =>
      void socket.once("data", () => socket.write(text, () => then(socket)));
    return { url: `http://127.0.0.1:${kept(await openRawServer(act, "127.0.0.1")).port}/` };
  };

/** Goes on saying something for as long as it is let, with pauses for the writing. */
const goesOn = (start: string, piece: string): Receiver =>
  says(start, (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", more);
    more();
  });

const shows =
  (of: { name?: string; until?: Date; by?: "ours" }, old = {}): Receiver =>
  async () => {
    const { name = "hook.example", until = new Date("2090-01-01T00:00:00Z"), by } = of;
    const certificate = await makeCertificate({
      name,
      until,
      ...(by === undefined ? {} : { by: authority }),
    });
    const { port } = kept(await openTlsReceiver({ ...certificate, ...old }));
    return { url: `https://hook.example:${port}/`, tls: { ca: authority.cert } };
  };

const oldTls = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
const at =
  (url: string): Receiver =>
  async () => ({ url });
const closedPort: Receiver = async () => {
  const gone = await openReceiver();
  await gone.close();
  return { url: gone.url };
};
const httpInsteadOfTls: Receiver = async () => {
  const { url } = await answers(200)();
  return { url: url.replace("http:", "https:") };
};
const tlsInsteadOfHttp: Receiver = async () => {
  const { url } = await shows({ by: "ours" })();
  return { url: url.replace("https:", "http:") };
};

/** In an hour, as HTTP writes it. */
const later = new Date(systemClock.now() + 3_600_000).toUTCString();
const [planned] = retryDelaysMs;
const accepted = "idle 1/1";
const retry = (delayMs: number = planned): string => `waiting 0/1 after 1 at +${delayMs}`;
const dead = "idle 1/1 -1: dead 1";

type Row = [what: string, receiver: Receiver, outcome: Attempted["outcome"], detail: RegExp, lane: string];

const statuses: Row[] = [
  ["200", answers(200), "accepted", /^answered 200 OK$/u, accepted],
  ["500", answers(500), "refused", /^answered 500 Internal Server Error$/u, retry()],
  ["503", answers(503), "busy", /^answered 503/u, retry()],
  ["429", answers(429), "busy", /^answered 429 Too Many Requests$/u, retry()],
  ["429, soon", answers(429, { "retry-after": "0" }), "busy", /come back in 0 s/u, retry()],
  ["429, in 1.5 s", answers(429, { "retry-after": "1.5" }), "busy", /come back in 2 s/u, retry(1_500)],
  [
    "429, in an hour",
    answers(429, { "retry-after": later }),
    "busy",
    /come back in 3[56]\d\d s/u,
    retry(2 * planned),
  ],
  [
    "429, in 31,000 years",
    answers(429, { "retry-after": "999999999999" }),
    "busy",
    /come back in 604800 s/u,
    retry(2 * planned),
  ],
  [
    "429, nonsense",
    answers(429, { "retry-after": "whenever; -5" }),
    "busy",
    /^answered 429 Too Many Requests$/u,
    retry(),
  ],
  ["410", answers(410), "gone", /^answered 410 Gone$/u, dead],
  ["404", answers(404), "refused", /^answered 404/u, retry()],
  ...[301, 302, 303, 307, 308].map((status): Row => [
    String(status),
    answers(status, { location: "http://127.0.0.1:1/inside" }),
    "refused",
    /redirects are not followed \(to http:\/\/127\.0\.0\.1:1\/inside\)/u,
    retry(),
  ]),
];

const wire: Row[] = [
  ["a reset at once", behaves({ act: "reset" }), "unreachable", /closed the connection before/u, retry()],
  ["half an answer", behaves({ act: "break-off" }), "unreachable", /closed the connection before/u, retry()],
  ["silence", behaves({ act: "never" }, 0.3), "timed-out", /^there was no answer within 0\.3 s$/u, retry()],
  [
    "an answer byte by byte",
    behaves({ act: "drip", bytes: 100_000, everyMs: 5 }, 0.3),
    "timed-out",
    /\(status 200\) did not end within 0\.3 s/u,
    retry(),
  ],
  [
    "an answer of 1 GB",
    behaves({ act: "flood", bytes: 2 ** 30 }),
    "accepted",
    /its body was cut at 64 KiB/u,
    accepted,
  ],
  [
    "chunks without an end",
    goesOn("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", `4000\r\n${"x".repeat(0x4000)}\r\n`),
    "accepted",
    /its body was cut at 64 KiB/u,
    accepted,
  ],
  [
    "an answer in HTTP/1.0",
    says("HTTP/1.0 200 OK\r\n\r\nthanks", (socket) => socket.end()),
    "accepted",
    /^answered 200 OK$/u,
    accepted,
  ],
  [
    "headers of 100 KB",
    answers(200, { "x-long": "x".repeat(100_000) }),
    "unreachable",
    /headers of the answer .* are too large/u,
    retry(),
  ],
  [
    "headers without an end",
    goesOn("HTTP/1.1 200 OK\r\n", `x-more: ${"x".repeat(1_000)}\r\n`),
    "unreachable",
    /headers of the answer .* are too large/u,
    retry(),
  ],
  [
    "a few interim answers",
    says(`${"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".repeat(5)}HTTP/1.1 204 No Content\r\n\r\n`),
    "accepted",
    /^answered 204/u,
    accepted,
  ],
  [
    "a storm of interim answers",
    goesOn("", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
    "unreachable",
    /more than 32 interim answers and no final one/u,
    retry(),
  ],
  [
    "a switch of protocols",
    says("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    "unreachable",
    /closed the connection before/u,
    retry(),
  ],
  ["SSH", says("SSH-2.0-OpenSSH_9.9\r\n"), "unreachable", /is not HTTP/u, retry()],
  ["HTTP/2", says("\0\0\u0012\u0004\0\0\0\0\0"), "unreachable", /is not HTTP/u, retry()],
  [
    "two lengths",
    says("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
    "unreachable",
    /not as long as its content-length says/u,
    retry(),
  ],
  [
    "less than it announced",
    says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf", (socket) => socket.end()),
    "unreachable",
    /not as long as its content-length says/u,
    retry(),
  ],
];

const places: Row[] = [
  ["no such name", at("http://no-such-name.example/"), "unreachable", /is not known \(DNS\)/u, retry()],
  ["nobody there", closedPort, "unreachable", /connection refused/u, retry()],
  [
    "TLS that has run out",
    shows({ by: "ours", until: new Date("2021-01-01T00:00:00Z") }),
    "unreachable",
    /certificate .* not accepted: certificate has expired/u,
    retry(),
  ],
  [
    "TLS for another name",
    shows({ by: "ours", name: "other.example" }),
    "unreachable",
    /certificate .* not accepted/u,
    retry(),
  ],
  ["TLS signed by itself", shows({}), "unreachable", /certificate .* not accepted/u, retry()],
  ["TLS 1.1", shows({ by: "ours" }, oldTls), "unreachable", /does not speak TLS with us/u, retry()],
  ["TLS that is well", shows({ by: "ours" }), "accepted", /^answered 200 OK$/u, accepted],
  ["http where TLS is asked for", httpInsteadOfTls, "unreachable", /does not speak TLS with us/u, retry()],
  ["TLS where http is asked for", tlsInsteadOfHttp, "unreachable", /closed the connection before/u, retry()],
  ["an address inside", at("http://10.0.0.1/"), "forbidden", /private address/u, retry()],
];

function open(): Egress {
  const allowed = parseAllow("loopback hook.example");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  const missing = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  const lookup = async (host: string) => {
    if (host !== "hook.example") throw missing;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  return kept(openEgress({ rules: allowed.rules, clock: systemClock, lookup }));
}

function tell(egress: Egress, { url, tls, timeoutSeconds = 15 }: Place): Promise<Attempted> {
  const server = {
    url,
    tls,
    timeoutSeconds,
    secret: "a secret of ours",
    headers: {},
    auth: "signature",
  } as const;
  const given = { id: "evt_1", body: '{"message":{}}', attempt: 1, clock: systemClock, random: systemRandom };
  return attempt(egress, { server, ...given });
}

const sending: LaneOf<"sending"> = {
  name: "sending",
  settled: 0,
  last: 1,
  lastConversation: 0,
  missed: [],
  again: [],
  attempts: 1,
  sequence: 1,
  kind: "new",
};

/** What the lane does about it, with chance in the middle; without the reason of what is given up. */
function after({ outcome, detail, retryAfterMs }: Attempted): string {
  const step = decide(sending, { type: "answered", outcome, detail, retryAfterMs, chance: 0.5, now });
  return show(step).replace(/ \(.*\)$/u, "");
}

describe.each([
  ["a status", statuses],
  ["the wire", wire],
  ["a place", places],
])("%s", (_kind, rows) => {
  test.each(rows)("%s", async (_what, receiver, outcome, detail, lane) => {
    const made = await tell(open(), await receiver());
    expect(made).toMatchObject({ outcome, detail: expect.stringMatching(detail) });
    expect(after(made)).toBe(lane);
    expect(made.answer?.body.length ?? 0).toBeLessThanOrEqual(65_536);
  });
});

test("sixty-four that answer with 1 GB at once have hardly any of it read", async () => {
  const receivers = await Promise.all(
    Array.from({ length: 64 }, async () =>
      kept(await openReceiver({ script: [{ act: "flood", bytes: 2 ** 30 }] })),
    ),
  );
  const egress = open();
  const made = await Promise.all(receivers.map(({ url }) => tell(egress, { url })));
  expect(made.every(({ outcome, answer }) => outcome === "accepted" && answer?.body.length === 65_536)).toBe(
    true,
  );
  // What was written and never read stands in the buffers of the operating system.
  const written = receivers.reduce((sum, { flooded }) => sum + flooded(), 0);
  expect(written / receivers.length).toBeLessThan(16 * 2 ** 20);
});
