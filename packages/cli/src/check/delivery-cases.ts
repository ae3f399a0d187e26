import { type Letter, letterOf, sampleLetter, sampleMessage } from "../sending/letter.ts";
import { type Case, casesOf, type Finding } from "./case.ts";
import { accepted, allOf } from "./findings.ts";
import type { Probe } from "./probe.ts";

/** So many calls tell at the same time. */
const callsAtOnce = 20;

/** The events of one call, in order. */
function eventsOf(probe: Probe): Letter[] {
  const sample = probe.newCall();
  return (["status-update", "conversation-update", "hang", "end-of-call-report"] as const).map((type) =>
    sampleLetter(type, sample),
  );
}

async function inTurn(probe: Probe, letters: readonly Letter[]): Promise<Finding> {
  const found: [string, Finding][] = [];
  for (const letter of letters) found.push([letter.id, accepted(await probe.send(letter))]);
  return allOf(found);
}

/** What must hold when messages come again, late, or at the same time. */
export const deliveryCases: Case[] = casesOf("delivery", [
  {
    name: "event-again",
    needs: "nothing",
    expects: "An event that comes a second time, under the same webhook-id, is accepted again.",
    mend: "Remember the webhook-ids that were handled; answer a known one with 2xx and do nothing. A 409 would have it sent again and again.",
    run: async (probe) => {
      const letter = sampleLetter("end-of-call-report", probe.newCall());
      const first = accepted(await probe.send(letter));
      const second = accepted(await probe.send(letter, { attempt: 2 }));
      return allOf([
        ["the first", first],
        ["the second", second],
      ]);
    },
  },
  {
    name: "event-again-at-once",
    needs: "nothing",
    expects: "The same event three times at the same moment is accepted each time.",
    mend: "Let a repetition wait for the first, or answer it with 2xx; do not let a unique key of the database become a 500.",
    run: async (probe) => {
      const letter = sampleLetter("end-of-call-report", probe.newCall());
      const answers = await Promise.all([1, 2, 3].map((attempt) => probe.send(letter, { attempt })));
      return allOf(answers.map((answer, index) => [`number ${index + 1}`, accepted(answer)]));
    },
  },
  {
    name: "out-of-order",
    needs: "nothing",
    expects: "Events of a call that come in the wrong order are accepted.",
    mend: "Accept an event that is older than the last, and use `sequence` to tell that it is. What is refused is sent again, and holds up all that follows.",
    run: (probe) => inTurn(probe, eventsOf(probe).toReversed()),
  },
  {
    name: "gap-announced",
    needs: "nothing",
    expects: "An event after a gap, which `missed` announces, is accepted.",
    mend: "Accept what comes after a gap. `GET /calls/v1/conversations/{id}/events` has what was missed.",
    run: async (probe) => {
      const message = sampleMessage("end-of-call-report", probe.newCall());
      const missed = [2, 3, 4];
      return accepted(await probe.send(letterOf({ ...message, missed })));
    },
  },
  {
    name: "late-attempt",
    needs: "nothing",
    expects: "An event of hours ago that is accepted at its seventh attempt is new all the same.",
    mend: "Judge age by webhook-timestamp, which is of this attempt. message.timestamp is of the moment that it tells of.",
    run: async (probe) =>
      accepted(await probe.send(sampleLetter("end-of-call-report", probe.newCall()), { attempt: 7 })),
  },
  {
    name: "call-unheard-of",
    needs: "nothing",
    expects: "A report of a call that was never heard of before is accepted.",
    mend: "Make the call's record with whichever event comes first: the receiver may be younger than the call.",
    run: async (probe) => accepted(await probe.send(sampleLetter("end-of-call-report", probe.newCall()))),
  },
  {
    name: "calls-at-once",
    needs: "nothing",
    expects: `The events of ${callsAtOnce} calls at the same time are all accepted.`,
    mend: "Serve requests side by side; calls share nothing. In Python: ThreadingHTTPServer, or a server with workers.",
    run: async (probe) => {
      const calls = Array.from({ length: callsAtOnce }, () => eventsOf(probe));
      const found = await Promise.all(calls.map((letters) => inTurn(probe, letters)));
      return allOf(found.map((finding, index) => [`call ${index + 1}`, finding]));
    },
  },
]);
