import { defaultTeam } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { openBus } from "../bus/in-process.ts";
import { asks, callId } from "../conversation/testing/setup.ts";
import { connected, type Talk, talk } from "../conversation/testing/talk.ts";
import type { StoredEntry } from "../store.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import type { Reply } from "./calls.ts";
import type { Journal } from "./journal-tail.ts";
import { followReply, watchReply } from "./reply.ts";

/** What is gathered for words that are said in a call, once all this has happened; `undefined` while it goes on. */
async function replyTo(call: Talk, text: string, then: (call: Talk) => Talk): Promise<Reply | undefined> {
  const bus = openBus();
  const whom = { teamId: defaultTeam, callId };
  const { reply } = watchReply(bus, whom, text);
  const before = call.entries.length;
  const entries = then(call.hears(text)).entries.slice(before);
  for (const [at, what] of entries.entries()) {
    const entry = { seq: at, at: 0, sequence: null, what, position: at, assistantId: null, ...whom };
    bus.publish({ kind: "entries", ...whom, entries: [entry] });
  }
  return Promise.race([reply, Promise.resolve(undefined)]);
}

const shown = (reply: Reply | undefined) =>
  reply && { outcome: reply.outcome, said: reply.messages.map(({ text }) => text) };

const replying = () => connected({ bargeIn: false }).hears("Hello").modelSays("Good ");

type Case = [name: string, call: () => Talk, then: (call: Talk) => Talk, reply: ReturnType<typeof shown>];

const cases: Case[] = [
  [
    "words that are answered at once",
    connected,
    (call) => call.modelReplies("It is nine."),
    { outcome: "answered", said: ["It is nine."] },
  ],
  [
    "words that wait for the end of a reply",
    replying,
    (call) => call.modelReplies("day.").modelReplies("It is nine."),
    { outcome: "answered", said: ["It is nine."] },
  ],
  [
    "words that wait, with another turn before theirs",
    () => replying().control({ type: "add-message", role: "system", text: "Ann is here.", respond: true }),
    (call) => call.modelReplies("day.").modelReplies("Hello, Ann.").modelReplies("It is nine."),
    { outcome: "answered", said: ["It is nine."] },
  ],
  [
    "words that wait, while tools are at work and more words come",
    replying,
    (call) => call.modelFinishes(asks("book")).hears("Hm?").toolAnswers(1, "Booked.").modelReplies("Done."),
    { outcome: "answered", said: ["Done."] },
  ],
  [
    "words before the line stands",
    talk,
    (call) => call.connects().modelReplies("It is nine."),
    { outcome: "answered", said: ["It is nine."] },
  ],
  ["words that still wait", replying, (call) => call, undefined],
  [
    "words that wait when the call ends",
    replying,
    (call) => call.leaves(),
    { outcome: "call-ended", said: [] },
  ],
  [
    "words that wait when the call is muted",
    replying,
    (call) => call.control({ type: "mute" }),
    { outcome: "unanswered", said: [] },
  ],
  [
    "words in a muted call",
    () => connected().control({ type: "mute" }),
    (call) => call,
    { outcome: "unanswered", said: [] },
  ],
  [
    "words over a reply in a muted call",
    () => replying().control({ type: "mute" }),
    (call) => call,
    { outcome: "unanswered", said: [] },
  ],
];

describe("the reply to the user's words", () => {
  it.each(cases)("%s", async (_name, call, then, expected) => {
    expect(shown(await replyTo(call(), "What time is it?", then))).toEqual(expected);
  });
});

describe("a reply that is followed in the journal", () => {
  /** The words are behind entry 5; `rings` is what tells of more, if anything does. */
  function follow(read: Journal["read"]) {
    const clock = virtualClock();
    const journal: Journal = { read, cursorOf: ({ seq }) => seq, watch: () => () => undefined };
    const given = { journal, after: 5, text: "What time is it?", clock, lookEveryMs: 1_000, limitMs: 60_000 };
    const ended: Reply[] = [];
    void followReply(given).then((reply) => ended.push(reply));
    return { clock, ended };
  }

  const answered = (): StoredEntry[] =>
    connected()
      .hears("What time is it?")
      .modelReplies("It is nine.")
      .entries.map((what, at) => ({
        teamId: defaultTeam,
        callId,
        seq: at + 6,
        position: at + 6,
        at: 0,
        sequence: null,
        what,
      }));

  it("is found though nobody tells of it and the store is away for a while", async () => {
    const asked: number[] = [];
    const { clock, ended } = follow(async (after) => {
      asked.push(after);
      if (asked.length === 2) throw new Error("the store is away");
      return asked.length < 4 ? [] : answered().filter(({ seq }) => seq > after);
    });
    await clock.advance(2_900);
    expect(ended).toEqual([]);
    await clock.advance(200);
    expect(ended).toMatchObject([{ outcome: "answered", messages: [{ text: "It is nine." }] }]);
    expect(asked).toEqual([5, 5, 5, 5]);
    expect(clock.waiting).toBe(0);
  });

  it("is not followed for ever", async () => {
    const { clock, ended } = follow(async () => []);
    await clock.advance(59_000);
    expect(ended).toEqual([]);
    await clock.advance(1_000);
    expect(ended).toEqual([{ outcome: "unanswered", messages: [] }]);
    expect(clock.waiting).toBe(0);
  });
});
