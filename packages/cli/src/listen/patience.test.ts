import { expect, it } from "vitest";
import type { Incoming } from "../sending/exchange.ts";
import { afterAttempt } from "./patience.ts";

const answered = (status: number): Incoming => ({
  kind: "answered",
  status,
  headers: {},
  body: "",
  elapsedMs: 1,
});
const absent: Incoming = { kind: "unreachable", detail: "ECONNREFUSED", elapsedMs: 1 };
const late: Incoming = { kind: "timed-out", detail: "too late", elapsedMs: 1 };

it.each<[string, Incoming, number, object]>([
  ["accepted", answered(204), 1, { next: "accepted" }],
  ["refused once", answered(500), 1, { next: "again", afterMs: 1_000 }],
  ["refused twice", answered(302), 2, { next: "again", afterMs: 5_000 }],
  ["refused three times", answered(401), 3, { next: "given-up" }],
  ["not wanted any more", answered(410), 1, { next: "given-up" }],
  ["not there", absent, 1, { next: "again", afterMs: 500 }],
  ["not there for long", absent, 500, { next: "again", afterMs: 10_000 }],
  ["too late", late, 2, { next: "again", afterMs: 1_000 }],
])("what follows an event that was %s", (_name, answer, attempts, next) => {
  expect(afterAttempt(answer, attempts)).toEqual(next);
});
