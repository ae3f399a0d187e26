import { defaultTeam } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { spoken } from "../store/testing/samples.ts";
import { settled } from "../testing/virtual-clock.ts";
import { postOffice, type Receiver, sequencesOf, wholeCall } from "./testing/post-office.ts";

const second = 1_000;

describe("an event that is to be sent again", () => {
  const lost: Receiver = ({ at, sequence }) => ({
    outcome: at < second && sequence % 2 === 0 ? "gone" : "accepted",
  });

  async function afterLoss() {
    const office = postOffice({ receiver: lost });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) await call.writes(happenings, delivery);
    await office.clock.advance(2 * second);
    const first = [...office.posted];
    office.posted.length = 0;
    const sendAgain = async (...sequences: number[]) => {
      await office.store.sendAgain({ callId: call.callId, sequences, now: office.clock.now() });
      delivery.wake();
      await office.clock.advance(second);
    };
    return { office, delivery, stop, call, first, sendAgain };
  }

  it("goes in the same bytes as before", async () => {
    const { office, stop, first, sendAgain } = await afterLoss();
    await sendAgain(4);
    await sendAgain(3);
    expect(office.posted.map(({ id, body }) => [id, body])).toEqual(
      [3, 2].map((index) => [first[index]?.id, first[index]?.body]),
    );
    await stop();
  });

  it("of a whole call goes in order, and is delivered then", async () => {
    const { office, stop, call, sendAgain } = await afterLoss();
    await sendAgain(6, 2, 4);
    expect(sequencesOf(office.posted)).toEqual([2, 4, 6]);
    const { deliveries } = await office.store.listDeliveries({
      teamId: call.journal.teamId,
      offset: 0,
      limit: 10,
    });
    expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(["delivered"]));
    await stop();
  });

  it("goes before anything new", async () => {
    const { office, delivery, stop, call, sendAgain } = await afterLoss();
    office.desk.receiver = () => ({ outcome: "accepted", tookMs: 500 });
    await call.writes([spoken("One more thing")], delivery);
    await settled();
    await sendAgain(2);
    await call.writes([spoken("And another")], delivery);
    await office.clock.advance(5 * second);
    expect(sequencesOf(office.posted)).toEqual([8, 2, 9]);
    await stop();
  });

  it("is tried once, keeps its reason when it fails, and does not hold up what is new", async () => {
    const { office, delivery, stop, call, sendAgain } = await afterLoss();
    office.desk.receiver = ({ sequence }) => ({ outcome: sequence === 2 ? "refused" : "accepted" });
    await sendAgain(2);
    await call.writes([spoken("New")], delivery);
    await office.clock.advance(60 * second);
    expect(sequencesOf(office.posted)).toEqual([2, 8]);
    const { callId } = call;
    const teamId = (await office.store.findLane(callId))?.teamId ?? defaultTeam;
    const given = await office.store.findDelivery({ teamId, callId, sequence: 2 });
    expect(given).toMatchObject({ state: "dead", reason: expect.stringContaining("sent again, and") });
    await stop();
  });

  it("while another is on its way does not wait for that one's failure", async () => {
    const { office, delivery, stop, call, sendAgain } = await afterLoss();
    office.desk.receiver = ({ sequence }) => ({
      outcome: sequence === 8 ? "refused" : "accepted",
      tookMs: 100,
    });
    await call.writes([spoken("New")], delivery);
    await settled();
    await sendAgain(2);
    expect(office.posted.map(({ sequence, attempt }) => [sequence, attempt]).slice(0, 2)).toEqual([
      [8, 1],
      [2, 2],
    ]);
    await stop();
  });
});
