import { expect, test } from "vitest";
import { setClock } from "./clock.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

test("a set clock goes on by the steady one, from what it was told", async () => {
  const steady = virtualClock(0);
  const clock = setClock(steady, 1_000_000);
  expect(clock.now()).toBe(1_000_000);
  await steady.advance(250);
  expect(clock.now()).toBe(1_000_250);
  clock.set(1_300_000, 5);
  expect(clock.now()).toBe(1_300_000);
  await steady.advance(1_000);
  expect(clock.now()).toBe(1_301_000);
});

test("a set clock does not move for what is within the doubt", () => {
  const clock = setClock(virtualClock(0), 1_000_000);
  clock.set(1_000_004, 5);
  clock.set(999_996, 5);
  expect(clock.now()).toBe(1_000_000);
  clock.set(999_990, 5);
  expect(clock.now()).toBe(999_990);
});
