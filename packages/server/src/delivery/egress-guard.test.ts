import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openRawServer, type RawServer } from "../testing/listening.ts";
import { openReceiver, type Receiver } from "../testing/receiver.ts";
import { openEgress } from "./egress.ts";
import type { Lookup } from "./egress-lookup.ts";
import type { Egress, EgressRequest } from "./egress-port.ts";
import { type GuardRules, parseAllow, publicOnly } from "./guard-allow.ts";
import { forbiddenAnswers, forbiddenUrls } from "./guard-vectors.ts";

/** Listens on one port of every address of this machine, and counts who comes. One for each test, so that none counts a latecomer of another. */
let trap: RawServer;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  const answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  trap = await openRawServer((socket) => socket.end(answer));
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await trap.close();
});

function allow(text: string): GuardRules {
  const parsed = parseAllow(text);
  if (parsed.kind === "faults") throw new Error(parsed.faults.join("; "));
  return parsed.rules;
}

function egressWith(rules: GuardRules, lookup?: Lookup): Egress {
  const egress = openEgress({ rules, clock: systemClock, ...(lookup === undefined ? {} : { lookup }) });
  opened.push(egress);
  return egress;
}

async function receiver(host = "127.0.0.1"): Promise<Receiver> {
  const one = await openReceiver({ host });
  opened.push(one);
  return one;
}

const leadsTo = (...answers: (readonly string[])[]): Lookup & { asked: string[] } => {
  const asked: string[] = [];
  const lookup = async (host: string) => {
    const answer = answers[Math.min(asked.push(host), answers.length) - 1] ?? [];
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return Object.assign(lookup, { asked });
};

const post = (url: string): EgressRequest => ({
  url,
  method: "POST",
  headers: {},
  body: "{}",
  timeoutMs: 30_000,
  answerBytesMax: 65_536,
  overLimit: "cut",
  repeatable: true,
});

const vectors = Object.values(forbiddenUrls).flat();

describe("no forbidden listener is reached", () => {
  test(`by any of the URLs, not even if every name leads to it: ${vectors.length} tried, 0 reach it`, async () => {
    const egress = egressWith(publicOnly, leadsTo(["127.0.0.1"]));
    for (const vector of vectors) {
      const url = vector.replace("{port}", String(trap.port));
      expect([url, await egress.send(post(url))]).toMatchObject([url, { kind: "forbidden" }]);
      await expect(egress.fetch(url), url).rejects.toThrow(/./u);
    }
    expect(trap.connections()).toBe(0);
  });

  test.each(forbiddenAnswers)("by a name: %s, %j", async (rule, answer) => {
    const egress = egressWith(publicOnly, leadsTo(answer));
    const url = `http://hook.example:${trap.port}/`;
    expect(await egress.send(post(url))).toMatchObject({ kind: "forbidden", code: rule, connected: false });
    await expect(egress.fetch(url)).rejects.toMatchObject({ cause: { refusal: { rule } } });
    expect(trap.connections()).toBe(0);
  });

  test("by a name that the system looks up", async () => {
    const egress = egressWith(publicOnly);
    expect(await egress.send(post(`http://localhost:${trap.port}/`))).toMatchObject({
      kind: "forbidden",
      code: "local-name",
    });
    expect(trap.connections()).toBe(0);
  });

  test("though without the guard it would be, in many notations", async () => {
    const egress = egressWith(allow("0.0.0.0/0 ::/0"), leadsTo(["127.0.0.1"]));
    const open = vectors.filter((url) => url.includes("{port}") && !url.startsWith("https"));
    // Some lead nowhere on this machine: they are given up with the egress.
    const sent = open.map((vector) => egress.send(post(vector.replace("{port}", String(trap.port)))));
    await expect.poll(() => trap.connections(), { timeout: 15_000 }).toBeGreaterThan(40);
    await egress.close();
    await Promise.all(sent);
  });
});

describe("a name that changes its mind", () => {
  test("is connected to where it led when it was checked, for each connection anew", async () => {
    const good = await receiver();
    good.behave([{ act: "answer", headers: { connection: "close" } }]);
    const lookup = leadsTo(["127.0.0.1"], ["127.0.0.2"]);
    const egress = egressWith(allow("127.0.0.1"), lookup);
    const url = `http://hook.example:${good.port}/`;
    expect(await egress.send(post(url))).toMatchObject({ kind: "answered", status: 200 });
    expect(lookup.asked).toEqual(["hook.example"]);
    expect(good.requests[0]?.headers["host"]).toBe(`hook.example:${good.port}`);
    expect(await egress.send(post(url))).toMatchObject({ kind: "forbidden", code: "loopback" });
    expect(lookup.asked).toHaveLength(2);
    expect(good.connections()).toBe(1);
  });

  test("is not connected to when the socket turns out to be elsewhere", async () => {
    // Linux and macOS take 0.0.0.0 for this machine: the socket reaches 127.0.0.1, which was never checked.
    const egress = egressWith(allow("0.0.0.0"), leadsTo(["0.0.0.0"]));
    const answer = await egress.send(post(`http://hook.example:${trap.port}/`));
    expect(answer).toMatchObject({ kind: "forbidden", code: "not-the-checked-address" });
  });

  test("is looked up once for all who wait for it", async () => {
    const good = await receiver();
    const lookup = leadsTo(["127.0.0.1"]);
    const egress = egressWith(allow("loopback"), lookup);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => egress.send(post(`http://hook.example:${good.port}/`))),
    );
    expect(answers.every(({ kind }) => kind === "answered")).toBe(true);
    expect(lookup.asked).toHaveLength(1);
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("%i is not followed", async (status) => {
    const good = await receiver();
    const location = `http://127.0.0.2:${trap.port}/inside`;
    good.behave([{ act: "answer", status, headers: { location } }]);
    const egress = egressWith(allow("127.0.0.1"));
    expect(await egress.send(post(good.url))).toMatchObject({
      kind: "answered",
      status,
      headers: { location },
    });
    const answer = await egress.fetch(good.url);
    expect([answer.status, answer.headers.get("location")]).toEqual([status, location]);
    expect(trap.connections()).toBe(0);
  });

  test("is not followed to where it would be allowed either", async () => {
    const good = await receiver();
    good.behave((request) =>
      request.path === "/hook"
        ? { act: "answer", status: 302, headers: { location: "/again" } }
        : { act: "answer" },
    );
    const egress = egressWith(allow("127.0.0.1"));
    expect(await egress.send(post(good.url))).toMatchObject({ status: 302 });
    expect((await egress.fetch(good.url)).status).toBe(302);
    expect(good.requests).toHaveLength(2);
  });
});
