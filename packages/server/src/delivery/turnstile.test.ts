import { makeCallId } from "@offhook/protocol";
import { expect, test } from "vitest";
import { Turnstile } from "./turnstile.ts";

const call = (number: number) =>
  makeCallId("chat", `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
const taken = (turnstile: Turnstile): string[] => {
  const origins: string[] = [];
  for (let next = turnstile.take(); next !== undefined; next = turnstile.take()) origins.push(next.origin);
  return origins;
};

test("receivers take turns", () => {
  const turnstile = new Turnstile(10);
  for (const number of [1, 2, 3]) turnstile.push("a", call(number));
  for (const number of [4, 5]) turnstile.push("b", call(number));
  expect(taken(turnstile)).toEqual(["a", "b", "a", "b", "a"]);
});

test("a receiver that is full waits, and the others go on", () => {
  const turnstile = new Turnstile(2);
  for (const number of [1, 2, 3, 4]) turnstile.push("dead", call(number));
  turnstile.push("well", call(5));
  expect(taken(turnstile)).toEqual(["dead", "well", "dead"]);
  turnstile.push("well", call(6));
  expect(taken(turnstile)).toEqual(["well"]);
  turnstile.leave("dead");
  expect(taken(turnstile)).toEqual(["dead"]);
});

test("calls of one receiver keep their order", () => {
  const turnstile = new Turnstile(1);
  for (const number of [1, 2, 3]) turnstile.push("a", call(number));
  const order = [1, 2, 3].map(() => {
    const next = turnstile.take();
    turnstile.leave("a");
    return next?.callId;
  });
  expect(order).toEqual([call(1), call(2), call(3)]);
});
