import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { healthLimits } from "./receiver-health.ts";
import { doings, two, waiting, Watched } from "./testing/watched-turnstile.ts";
import { Turnstile, type TurnstileLimits, type Waiting } from "./turnstile.ts";

const limits: TurnstileLimits = {
  slots: { first: 6, late: 3 },
  teamSlots: { first: 4, late: 2 },
  receiverMax: 3,
  waitingMax: { well: 50, silent: 4 },
  rememberedMax: 100,
};
const wide: TurnstileLimits = {
  ...limits,
  slots: { first: 100, late: 100 },
  teamSlots: { first: 100, late: 100 },
  receiverMax: 32,
};

function takeAll(turnstile: Turnstile): Waiting[] {
  const taken: Waiting[] = [];
  for (let next = turnstile.take(); next !== undefined; next = turnstile.take()) taken.push(next);
  return taken;
}

const origins = (taken: readonly Waiting[]): string[] => taken.map(({ origin }) => origin);

/** Has a receiver not answer until it is silent. */
function silence(turnstile: Turnstile, origin: string): void {
  for (let times = 0; times < healthLimits.silencesMax; times += 1) {
    turnstile.push(waiting(origin));
    const taken = turnstile.take();
    if (taken !== undefined) turnstile.leave(taken, "timed-out");
  }
}

describe("the turnstile", () => {
  it("lets receivers take turns, and a receiver's calls in their order", () => {
    const turnstile = new Turnstile(wide);
    const given = ["a", "a", "b", "b"].map((origin) => waiting(origin));
    for (const each of given) turnstile.push(each);
    const taken = takeAll(turnstile);
    expect(origins(taken)).toEqual(["a", "b", "a", "b"]);
    const ofA = taken.filter(({ origin }) => origin === "a");
    expect(ofA.map(({ callId }) => callId)).toEqual(given.slice(0, 2).map(({ callId }) => callId));
  });

  it("lets teams take turns, however many calls and receivers one has", () => {
    const turnstile = new Turnstile(wide);
    for (const origin of ["a", "b", "c", "a", "b", "c"]) turnstile.push(waiting(origin));
    turnstile.push(waiting("d", { teamId: two }));
    turnstile.push(waiting("d", { teamId: two }));
    expect(origins(takeAll(turnstile))).toEqual(["a", "d", "b", "d", "c", "a", "b", "c"]);
  });

  it("keeps slots for another team", () => {
    const turnstile = new Turnstile(limits);
    for (const origin of ["a", "b", "c", "d", "e", "f", "g"]) turnstile.push(waiting(origin));
    expect(takeAll(turnstile)).toHaveLength(limits.teamSlots.first);
    turnstile.push(waiting("z", { teamId: two }));
    expect(origins(takeAll(turnstile))).toEqual(["z"]);
  });

  it("keeps slots for first attempts when late ones take all of theirs", () => {
    const turnstile = new Turnstile(limits);
    for (const origin of ["a", "b", "c", "d"]) turnstile.push(waiting(origin, { kind: "late" }));
    expect(takeAll(turnstile)).toHaveLength(limits.teamSlots.late);
    turnstile.push(waiting("a"));
    turnstile.push(waiting("well"));
    expect(origins(takeAll(turnstile))).toEqual(["a", "well"]);
  });

  it("lets a full receiver wait, and the others go on", () => {
    const turnstile = new Turnstile({ ...wide, receiverMax: 2 });
    const [first] = (turnstile.push(waiting("slow")), takeAll(turnstile));
    if (first !== undefined) turnstile.leave(first, "accepted");
    for (let times = 0; times < 4; times += 1) turnstile.push(waiting("slow"));
    turnstile.push(waiting("well"));
    const taken = takeAll(turnstile);
    expect(origins(taken)).toEqual(["slow", "well", "slow"]);
    const [slow] = taken;
    if (slow !== undefined) turnstile.leave(slow, "accepted");
    expect(origins(takeAll(turnstile))).toEqual(["slow"]);
  });

  it("tries a silent receiver one at a time, with late slots, and all of it is late", () => {
    const turnstile = new Turnstile(wide);
    silence(turnstile, "dead");
    expect(turnstile.silent).toBe(1);
    for (let times = 0; times < 3; times += 1) turnstile.push(waiting("dead"));
    const taken = takeAll(turnstile);
    expect(taken.map(({ origin, kind }) => [origin, kind])).toEqual([["dead", "late"]]);
    const [probe] = taken;
    if (probe === undefined) throw new Error("nothing was taken");
    expect(turnstile.leave(probe, "accepted")).toMatchObject({ health: "back" });
    expect(turnstile.silent).toBe(0);
    expect(takeAll(turnstile)).toHaveLength(healthLimits.shareAtFirst);
  });

  it("lets go of what is too much for a silent receiver, and says when there is room again", () => {
    const turnstile = new Turnstile(wide);
    for (let times = 0; times < healthLimits.silencesMax - 1; times += 1) {
      turnstile.push(waiting("dead"));
      const taken = turnstile.take();
      if (taken !== undefined) turnstile.leave(taken, "timed-out");
    }
    for (let times = 0; times < 20; times += 1) turnstile.push(waiting("dead"));
    const first = turnstile.take();
    if (first === undefined) throw new Error("nothing was taken");
    const left = turnstile.leave(first, "timed-out");
    expect(left).toMatchObject({ health: "silent", hasRoom: false });
    expect(left.letGo).toHaveLength(19 - wide.waitingMax.silent);
    expect(turnstile.push(waiting("dead"))).toBe("turned-away");
    const rooms: boolean[] = [];
    for (let taken = turnstile.take(); taken !== undefined; taken = turnstile.take())
      rooms.push(turnstile.leave(taken, "timed-out").hasRoom);
    expect(rooms).toEqual([false, true, false, false]);
    expect(turnstile.push(waiting("dead"))).toBe("waits");
  });

  it("forgets receivers that have nothing to do, when it knows too many", () => {
    const turnstile = new Turnstile({ ...wide, rememberedMax: 3 });
    silence(turnstile, "dead");
    for (const origin of ["a", "b", "c", "d"]) {
      turnstile.push(waiting(origin));
      for (const taken of takeAll(turnstile)) turnstile.leave(taken, "accepted");
    }
    expect(turnstile.silent).toBe(0);
  });
});

describe("whatever comes and goes", () => {
  it("no share is exceeded, no call goes twice, and nobody with room is left waiting", () => {
    fc.assert(
      fc.property(doings, (taken) => {
        const watched = new Watched(limits);
        for (const each of taken) watched.do(each);
      }),
    );
  });

  it("in the end everything that waits has its turn", () => {
    fc.assert(
      fc.property(doings, (taken) => {
        const watched = new Watched(limits);
        const { turnstile, inside, waits } = watched;
        for (const each of taken) watched.do(each);
        for (let rounds = 0; rounds < 1_000 && waits.size + inside.length > 0; rounds += 1) {
          const left = watched.take() === undefined ? inside.shift() : undefined;
          if (left !== undefined) turnstile.leave(left, "accepted");
        }
        expect([waits.size, inside.length]).toEqual([0, 0]);
      }),
    );
  });
});
