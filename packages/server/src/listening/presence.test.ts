import type { TeamId } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import type { ToldListener } from "../peers.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { listeningLimits } from "./limits.ts";
import { Presence } from "./presence.ts";

const team = "ours" as TeamId;
const sought = { teamId: team, assistantId: "asst-1" };

const listener = (since: number, assistants: ToldListener["assistants"] = "all"): ToldListener => ({
  teamId: team,
  assistants,
  since,
});

function house() {
  const clock = virtualClock();
  const presence = new Presence(clock);
  const turns = new Map<string, number>();
  const say = (nodeId: string, listeners: ToldListener[], turn = (turns.get(nodeId) ?? 0) + 1): void => {
    turns.set(nodeId, turn);
    presence.hear({ ask: "listen", from: { nodeId, url: `http://${nodeId}` }, turn, listeners });
  };
  const where = (of: Parameters<Presence["newest"]>[0] = sought) => presence.newest(of)?.peer.nodeId;
  return { clock, presence, say, where };
}

describe("who listens elsewhere", () => {
  it.each([
    ["all", listener(1), true, true],
    ["its own assistant", listener(1, ["asst-0", "asst-1"]), true, false],
    ["another assistant", listener(1, ["asst-2"]), false, false],
    ["another team", { ...listener(1), teamId: "other" as TeamId }, false, false],
  ])("is known by what it listens to: %s", (_name, told, forStored, forInline) => {
    const { say, where } = house();
    say("two", [told]);
    expect(where()).toBe(forStored ? "two" : undefined);
    expect(where({ teamId: team, assistantId: null })).toBe(forInline ? "two" : undefined);
  });

  it.each<[string, [string, number[]][], string]>([
    [
      "of one server",
      [
        ["two", [5, 1]],
        ["three", [4, 3]],
      ],
      "two",
    ],
    [
      "of another",
      [
        ["two", [5, 1]],
        ["three", [6]],
      ],
      "three",
    ],
    [
      "told earlier",
      [
        ["three", [6]],
        ["two", [5]],
      ],
      "three",
    ],
    [
      "the same, of a server that is another node now",
      [
        ["two", [5]],
        ["two again", [5]],
      ],
      "two again",
    ],
  ])("is the newest: %s", (_name, words, expected) => {
    const { presence, say, where } = house();
    for (const [nodeId, since] of words)
      say(
        nodeId,
        since.map((at) => listener(at)),
      );
    expect(where()).toBe(expected);
    expect(presence.newest(sought)?.since).toBe(Math.max(...words.flatMap(([, since]) => since)));
  });

  it("is what was said last, though an earlier word comes late", () => {
    const { say, where } = house();
    say("two", [listener(1)], 1);
    say("two", [], 3);
    expect(where()).toBe(undefined);
    say("two", [listener(1)], 2);
    expect(where()).toBe(undefined);
    say("two", [listener(2)], 4);
    expect(where()).toBe("two");
  });

  it("is forgotten when its server says nothing more, and who waits there is told", async () => {
    const { clock, presence, say, where } = house();
    say("two", [listener(1)]);
    const found = presence.newest(sought);
    for (let word = 0; word < 3; word += 1) {
      await clock.advance(listeningLimits.forgetAfterMs - 1);
      say("two", [listener(1)]);
    }
    expect(found?.silent.aborted).toBe(false);
    await clock.advance(listeningLimits.forgetAfterMs);
    expect([found?.silent.aborted, where(), clock.waiting]).toEqual([true, undefined, 0]);
    say("two", [listener(1)]);
    expect(presence.newest(sought)?.silent.aborted).toBe(false);
    presence.close();
    expect(clock.waiting).toBe(0);
  });
});
