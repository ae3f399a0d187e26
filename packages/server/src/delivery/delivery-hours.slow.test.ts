import { expect, it } from "vitest";
import { becomes } from "../store/testing/samples.ts";
import { destinationAt, postOffice, type Receiver } from "./testing/post-office.ts";

const second = 1_000;
const minute = 60 * second;

/** Ten hours on the virtual clock, with 70,000 attempts: too long for the quick suite. */
it(
  "forty dead receivers with 1,200 calls leave room for one that is well, at once and for hours",
  { timeout: 240_000 },
  async () => {
    const well = destinationAt("well");
    const receiver: Receiver = ({ url }) =>
      url === well.fallback.url ? { outcome: "accepted" } : { outcome: "timed-out", tookMs: 20 * second };
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    for (let number = 1; number <= 1_200; number += 1) {
      const destination = destinationAt(`dead-${number % 40}`);
      await office.call(number, { destination }).writes([becomes("queued")], delivery);
    }
    for (let hour = 0; hour < 5; hour += 1) {
      const call = office.call(2_000 + hour, { destination: well });
      await office.clock.advance(hour * 60 * minute);
      const writtenAt = office.clock.now();
      await call.writes([becomes("queued")], delivery);
      await office.clock.advance(second);
      const told = office.posted.find(({ callId }) => callId === call.callId);
      expect(told === undefined ? undefined : told.at + office.begin - writtenAt).toBe(0);
    }
    await stop();
  },
);
