import { teamId } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../testing/seeded-random.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { openSessions, sessionLimits } from "./sessions.ts";

const team = teamId.parse("t");
const whose = { teamId: team, keyHash: null };

function open() {
  const clock = virtualClock();
  const parts = { clock, random: seededRandom(7) };
  return { clock, sessions: openSessions("a secret", parts), others: openSessions("another secret", parts) };
}

describe("a session", () => {
  test("is read from what its cookie holds, also after a restart", () => {
    const { sessions, clock } = open();
    const { session, value } = sessions.begin({ teamId: team, keyHash: "abc" });
    expect(sessions.read(value)).toEqual(session);
    const restarted = openSessions("a secret", { clock, random: seededRandom(8) });
    expect(restarted.read(value)).toEqual(session);
  });

  test("lasts so long and no longer", async () => {
    const { sessions, clock } = open();
    const { value } = sessions.begin(whose);
    await clock.advance(sessionLimits.sessionMs - 1);
    expect(sessions.read(value)).toBeDefined();
    await clock.advance(1);
    expect(sessions.read(value)).toBeUndefined();
  });

  test("that was ended is none any more", () => {
    const { sessions } = open();
    const [one, other] = [sessions.begin(whose), sessions.begin(whose)];
    sessions.end(one.session);
    expect(sessions.read(one.value)).toBeUndefined();
    expect(sessions.read(other.value)).toBeDefined();
  });

  test("of another secret, or one that was written upon, is none", () => {
    const { sessions, others } = open();
    const { value, session } = sessions.begin(whose);
    expect(others.read(value)).toBeUndefined();
    const [, signature = ""] = value.split(".");
    const forged = Buffer.from(JSON.stringify({ ...session, teamId: "other" })).toString("base64url");
    for (const bad of [
      "",
      ".",
      "a.b",
      `${forged}.${signature}`,
      `${value}x`.replace(/^./u, "e"),
      value.slice(0, -3),
    ])
      if (bad !== value) expect(sessions.read(bad), bad).toBeUndefined();
  });
});

describe("a ticket", () => {
  test("is good once", () => {
    const { sessions } = open();
    const ticket = sessions.makeTicket(team);
    expect(sessions.useTicket("another")).toBeUndefined();
    expect(sessions.useTicket(ticket)).toBe(team);
    expect(sessions.useTicket(ticket)).toBeUndefined();
  });

  test("is good for a while", async () => {
    const { sessions, clock } = open();
    const ticket = sessions.makeTicket(team);
    await clock.advance(sessionLimits.ticketMs);
    expect(sessions.useTicket(ticket)).toBeUndefined();
  });

  test("makes room for newer ones", () => {
    const { sessions } = open();
    const tickets = Array.from({ length: sessionLimits.ticketsMax + 1 }, () => sessions.makeTicket(team));
    expect(sessions.useTicket(tickets[0]!)).toBeUndefined();
    expect(sessions.useTicket(tickets.at(-1)!)).toBe(team);
  });
});
