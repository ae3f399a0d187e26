import { beforeAll, describe, expect, it } from "vitest";
import { destinationAt, postOffice, type Receiver, wholeCall } from "./testing/post-office.ts";

const second = 1_000;
const receivers = 500;
/** Calls begin one after another, so far apart, at receivers in turn. */
const apartMs = 10;
const calls = 2 * receivers;
/** Calls that wait for those that hang when it begins: more than there are slots for attempts. */
const backlog = 400;
const timeoutMs = 120_000;

/** When each event of the receivers that are well was first sent, counted from when it was written, in ms. */
async function waitsBeside(dead: number): Promise<number[]> {
  const isDead = new Set(
    Array.from({ length: dead }, (_, index) => destinationAt(`app-${index}`).fallback.url),
  );
  const receiver: Receiver = ({ url }) =>
    isDead.has(url) ? { outcome: "timed-out", tookMs: 20 * second } : { outcome: "accepted" };
  const office = postOffice({ receiver });
  const { delivery, stop } = office.start();
  for (let number = 0; number < (dead === 0 ? 0 : backlog); number += 1) {
    const destination = destinationAt(`app-${number % dead}`);
    await office.call(calls + number + 1, { destination }).writes(wholeCall[0], delivery);
  }
  await office.clock.advance(apartMs);
  const writtenAt = new Map<string, number>();
  for (let number = 0; number < calls; number += 1) {
    const call = office.call(number + 1, { destination: destinationAt(`app-${number % receivers}`) });
    writtenAt.set(call.callId, office.clock.now() - office.begin);
    for (const happenings of wholeCall) await call.writes(happenings, delivery);
    await office.clock.advance(apartMs);
  }
  await office.clock.advance(second);
  const well = office.posted.filter(({ url }) => !isDead.has(url));
  expect(well).toHaveLength((calls - (calls / receivers) * dead) * 7);
  await stop();
  return well
    .map(({ at, callId }) => at - (writtenAt.get(callId) ?? 0))
    .toSorted((one, other) => one - other);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

describe("receivers that are well", () => {
  let alone: number[];
  beforeAll(async () => {
    alone = await waitsBeside(0);
  }, timeoutMs);

  it.each([1, 40])(
    `do not notice %i among ${receivers} that hang`,
    async (dead) => {
      const beside = await waitsBeside(dead);
      for (const share of [0.5, 0.99, 1]) expect(percentile(beside, share)).toBe(percentile(alone, share));
    },
    timeoutMs,
  );
});
