import type { Delivery } from "@offhook/protocol";
import { expect, it } from "vitest";
import { becomes, reported, spoken } from "../store/testing/samples.ts";
import { downBetween, postOffice, sequencesOf, tabulate } from "./testing/post-office.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What became of a call's events, one a line. */
function ledger(deliveries: readonly Delivery[]): string {
  return deliveries
    .toSorted((one, other) => one.sequence - other.sequence)
    .map(({ sequence, type, state, attempts, reason }) => {
      const why = reason === null ? "" : `  ${reason}`;
      return `${sequence} ${type.padEnd(20)} ${state.padEnd(10)} ${String(attempts).padStart(2)}${why}`;
    })
    .join("\n");
}

/** A call of ten minutes whose receiver is down from its second minute on, until then. */
async function callInAnOutage(until: number) {
  const receiver = downBetween(2 * minute, until);
  const office = postOffice({ receiver });
  const { delivery, stop } = office.start();
  const call = office.call(1);
  await call.writes([becomes("queued"), becomes("ongoing")], delivery);
  await office.clock.advance(minute);
  await call.writes([spoken("Hello, how can I help?", "assistant")], delivery);
  for (const text of ["A slot on Tuesday", "In the morning", "At nine"]) {
    await office.clock.advance(2 * minute);
    await call.writes([spoken(text)], delivery);
  }
  await office.clock.advance(3 * minute);
  await call.writes([becomes("finished"), reported], delivery);
  await office.clock.advance(until + 15 * hour);
  const whose = { teamId: call.journal.teamId, callId: call.callId };
  const became = async () =>
    ledger((await office.store.listDeliveries({ ...whose, offset: 0, limit: 50 })).deliveries);
  return { office, delivery, call, stop, became, table: tabulate(office.posted, receiver) };
}

it("an outage of a day: what is sent when, what is superseded, and what `missed` says", async () => {
  const { table, became, stop } = await callInAnOutage(24 * hour);
  expect(table).toMatchInlineSnapshot(`
    "      0.00 s  1 status-update                       1  accepted
          0.01 s  2 status-update                       1  accepted
       0:01:00 h  3 conversation-update                 1  accepted
       0:03:00 h  4 conversation-update                 1  unreachable
       0:03:01 h  4 conversation-update                 2  unreachable
       0:03:07 h  4 conversation-update                 3  unreachable
       0:03:34 h  4 conversation-update                 4  unreachable
       0:05:39 h  5 conversation-update (missed 4)      1  unreachable
       0:05:41 h  5 conversation-update (missed 4)      2  unreachable
       0:05:45 h  5 conversation-update (missed 4)      3  unreachable
       0:06:21 h  5 conversation-update (missed 4)      4  unreachable
       0:08:19 h  6 conversation-update (missed 4, 5)   1  unreachable
       0:08:20 h  6 conversation-update (missed 4, 5)   2  unreachable
       0:08:25 h  6 conversation-update (missed 4, 5)   3  unreachable
       0:08:53 h  6 conversation-update (missed 4, 5)   4  unreachable
       0:10:41 h  6 conversation-update (missed 4, 5)   5  unreachable
       0:15:00 h  6 conversation-update (missed 4, 5)   6  unreachable
       0:44:52 h  6 conversation-update (missed 4, 5)   7  unreachable
       2:24:06 h  6 conversation-update (missed 4, 5)   8  unreachable
       7:11:27 h  6 conversation-update (missed 4, 5)   9  unreachable
      18:15:34 h  6 conversation-update (missed 4, 5)  10  unreachable
      31:03:37 h  6 conversation-update (missed 4, 5)  11  accepted
      31:03:37 h  7 status-update                       1  accepted
      31:03:37 h  8 end-of-call-report                  1  accepted"
  `);
  expect(await became()).toMatchInlineSnapshot(`
    "1 status-update        delivered   1
    2 status-update        delivered   1
    3 conversation-update  delivered   1
    4 conversation-update  superseded  4  event 5 holds the whole history
    5 conversation-update  superseded  4  event 6 holds the whole history
    6 conversation-update  delivered  11
    7 status-update        delivered   1
    8 end-of-call-report   delivered   1"
  `);
  await stop();
});

it("an outage of 100 hours: after 13 attempts an event is a dead letter, and the next begins; sent again they all arrive in order", async () => {
  const { office, delivery, call, table, became, stop } = await callInAnOutage(100 * hour);
  expect(table).toMatchInlineSnapshot(`
    "      0.00 s  1 status-update                       1  accepted
          0.01 s  2 status-update                       1  accepted
       0:01:00 h  3 conversation-update                 1  accepted
       0:03:00 h  4 conversation-update                 1  unreachable
       0:03:01 h  4 conversation-update                 2  unreachable
       0:03:07 h  4 conversation-update                 3  unreachable
       0:03:34 h  4 conversation-update                 4  unreachable
       0:05:39 h  5 conversation-update (missed 4)      1  unreachable
       0:05:41 h  5 conversation-update (missed 4)      2  unreachable
       0:05:45 h  5 conversation-update (missed 4)      3  unreachable
       0:06:21 h  5 conversation-update (missed 4)      4  unreachable
       0:08:19 h  6 conversation-update (missed 4, 5)   1  unreachable
       0:08:20 h  6 conversation-update (missed 4, 5)   2  unreachable
       0:08:25 h  6 conversation-update (missed 4, 5)   3  unreachable
       0:08:53 h  6 conversation-update (missed 4, 5)   4  unreachable
       0:10:41 h  6 conversation-update (missed 4, 5)   5  unreachable
       0:15:00 h  6 conversation-update (missed 4, 5)   6  unreachable
       0:44:52 h  6 conversation-update (missed 4, 5)   7  unreachable
       2:24:06 h  6 conversation-update (missed 4, 5)   8  unreachable
       7:11:27 h  6 conversation-update (missed 4, 5)   9  unreachable
      18:15:34 h  6 conversation-update (missed 4, 5)  10  unreachable
      31:03:37 h  6 conversation-update (missed 4, 5)  11  unreachable
      48:35:14 h  6 conversation-update (missed 4, 5)  12  unreachable
      68:11:51 h  6 conversation-update (missed 4, 5)  13  unreachable
      68:11:51 h  7 status-update (missed 4, 5, 6)      1  unreachable
      68:11:52 h  7 status-update (missed 4, 5, 6)      2  unreachable
      68:11:57 h  7 status-update (missed 4, 5, 6)      3  unreachable
      68:12:25 h  7 status-update (missed 4, 5, 6)      4  unreachable
      68:14:11 h  7 status-update (missed 4, 5, 6)      5  unreachable
      68:19:30 h  7 status-update (missed 4, 5, 6)      6  unreachable
      68:50:03 h  7 status-update (missed 4, 5, 6)      7  unreachable
      71:02:27 h  7 status-update (missed 4, 5, 6)      8  unreachable
      75:25:35 h  7 status-update (missed 4, 5, 6)      9  unreachable
      86:18:37 h  7 status-update (missed 4, 5, 6)     10  unreachable
     100:03:12 h  7 status-update (missed 4, 5, 6)     11  accepted
     100:03:12 h  8 end-of-call-report                  1  accepted"
  `);
  expect(await became()).toMatchInlineSnapshot(`
    "1 status-update        delivered   1
    2 status-update        delivered   1
    3 conversation-update  delivered   1
    4 conversation-update  superseded  4  event 5 holds the whole history
    5 conversation-update  superseded  4  event 6 holds the whole history
    6 conversation-update  dead       13  13 attempts failed; the last: answered 500
    7 status-update        delivered  11
    8 end-of-call-report   delivered   1"
  `);

  const before = office.posted.length;
  await office.store.sendAgain({ callId: call.callId, sequences: [7, 6, 5, 4, 3], now: office.clock.now() });
  delivery.wake();
  await office.clock.advance(minute);
  expect(sequencesOf(office.posted.slice(before))).toEqual([3, 4, 5, 6, 7]);
  expect(await became()).not.toMatch(/dead|superseded/u);
  await stop();
});
