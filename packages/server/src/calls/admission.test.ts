import type { TeamId } from "@offhook/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission, type Place } from "./admission.ts";

const teams = ["a", "b", "c"] as TeamId[];

type Move = { act: "take"; team: TeamId } | { act: "leave"; which: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ act: fc.constant("take" as const), team: fc.constantFrom(...teams) }),
  fc.record({ act: fc.constant("leave" as const), which: fc.nat(30) }),
);

test("the counter is the number of places held: it never leaks, whatever is taken and left, and however often", () => {
  const limits = fc.record({
    callsMax: fc.integer({ min: 1, max: 8 }),
    teamCallsMax: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(limits, fc.array(move, { maxLength: 80 }), (capacity, moves) => {
      const admission = new Admission(capacity);
      const taken: { team: TeamId; place: Place; held: boolean }[] = [];
      const held = (team?: TeamId) =>
        taken.filter((one) => one.held && (team ?? one.team) === one.team).length;
      for (const each of moves) {
        if (each.act === "take") {
          const place = admission.take(each.team);
          const expected =
            held() >= capacity.callsMax
              ? "server-full"
              : held(each.team) >= capacity.teamCallsMax
                ? "team-full"
                : "taken";
          expect(place.kind).toBe(expected);
          if (place.kind === "taken") taken.push({ team: each.team, place, held: true });
        } else {
          // Also those that were left before: a place is given back once.
          const one = taken[each.which];
          one?.place.leave();
          if (one !== undefined) one.held = false;
        }
        expect(admission.live).toBe(held());
      }
      for (const one of taken) one.place.leave();
      expect(admission.live).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test("says when nobody is left", async () => {
  const admission = new Admission({ callsMax: 2, teamCallsMax: 2 });
  await admission.empty();
  const [one, two] = [admission.take("a" as TeamId), admission.take("b" as TeamId)];
  const told: string[] = [];
  void admission.empty().then(() => told.push("empty"));
  if (one.kind === "taken") one.leave();
  await Promise.resolve();
  expect(told).toEqual([]);
  if (two.kind === "taken") two.leave();
  await admission.empty();
  expect(told).toEqual(["empty"]);
});
