import { Agent } from "node:http";
import { letterOf, sampleLetter, sampleMessage } from "../sending/letter.ts";
import { type Case, casesOf, type Finding } from "./case.ts";
import { accepted, allOf, refused, unbroken } from "./findings.ts";
import type { Probe, Twist } from "./probe.ts";

const update = (probe: Probe) => sampleLetter("status-update", probe.newCall());

/** A body that is no message, rightly signed. */
const sendBody = (probe: Probe, body: string) =>
  probe.send({ id: `evt_${probe.newCall().callId}_1`, body, headers: {} });

const sends =
  (find: typeof accepted, twist: Twist) =>
  async (probe: Probe): Promise<Finding> =>
    find(await probe.send(update(probe), twist));

const jsonOnly =
  "Parse the body inside a try, and answer 400 when it is no JSON. A 5xx would have it sent again for 76 hours.";

/** What must hold of the HTTP around a message. */
export const transportCases: Case[] = casesOf("transport", [
  {
    name: "method-get",
    needs: "nothing",
    expects: "A GET is refused with 405, or another 4xx.",
    mend: "Answer POST only. A GET that is answered with 2xx hides a wrong address.",
    run: async (probe) =>
      refused(await probe.send({ id: "evt_check", body: "", headers: {} }, { method: "GET" })),
  },
  {
    name: "method-put",
    needs: "nothing",
    expects: "A PUT is refused with 405, or another 4xx.",
    mend: "Answer POST only.",
    run: sends(refused, { method: "PUT" }),
  },
  {
    name: "content-type-charset",
    needs: "nothing",
    expects: "`content-type: application/json; charset=utf-8` is accepted.",
    mend: "Look only at what stands before the semicolon of content-type.",
    run: sends(accepted, { headers: () => ({ "content-type": "application/json; charset=utf-8" }) }),
  },
  {
    name: "content-type-text",
    needs: "nothing",
    expects:
      "A body that says it is a form or plain text is refused with 415, or taken for the JSON that it is; nothing breaks.",
    mend: "Answer 415 for a content-type that is not application/json; do not let a missing body throw.",
    run: async (probe) =>
      allOf([
        ["text/plain", await sends(unbroken, { headers: () => ({ "content-type": "text/plain" }) })(probe)],
        [
          "a form",
          await sends(unbroken, {
            headers: () => ({ "content-type": "application/x-www-form-urlencoded" }),
          })(probe),
        ],
      ]),
  },
  {
    name: "json-broken",
    needs: "nothing",
    expects: "A signed body that is broken JSON is refused with 400.",
    mend: jsonOnly,
    run: async (probe) => refused(await sendBody(probe, '{"message": {"type": "status-update"')),
  },
  {
    name: "body-empty",
    needs: "nothing",
    expects: "A signed request without a body is refused with 400.",
    mend: jsonOnly,
    run: async (probe) => refused(await sendBody(probe, "")),
  },
  {
    name: "json-of-other-kinds",
    needs: "nothing",
    expects: "A body that is a number, null or a list is accepted or refused; nothing breaks.",
    mend: "Check that the body is an object before its fields are read.",
    run: async (probe) => {
      const bodies = ["7", "null", "[]", '"text"', '{"message": null}', '{"message": []}', "{}"];
      const found: [string, Finding][] = [];
      for (const body of bodies) found.push([body, unbroken(await sendBody(probe, body))]);
      return allOf(found);
    },
  },
  {
    name: "body-slow",
    needs: "nothing",
    expects: "A body that arrives in five pieces over more than a second is accepted.",
    mend: "Wait for the end of the body, and join its pieces as bytes: a character may be cut in two.",
    run: sends(accepted, { pieces: 5 }),
  },
  {
    name: "body-of-one-megabyte",
    needs: "nothing",
    expects: "A conversation-update with a history of 1 MB is accepted.",
    mend: "Raise the limit of the body parser to 5 MB at least: Express takes 100 KB unless it is told otherwise, Next and nginx 1 MB.",
    run: async (probe) => {
      const message = sampleMessage("conversation-update", probe.newCall());
      const said = { role: "user", text: "I say a lot. ".repeat(80), timestamp: "2026-03-02T09:00:06.000Z" };
      const messages = Array.from({ length: 950 }, (_, index) => ({ messageId: `msg_${index}`, ...said }));
      return accepted(await probe.send(letterOf({ ...message, messages })));
    },
  },
  {
    name: "connection-kept",
    needs: "nothing",
    expects: "A message over a connection that has just brought refused ones is accepted.",
    mend: "Read the body of every request to its end, also of those that are refused; what is left of it would be taken for the next one.",
    run: async (probe) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        const put = unbroken(await probe.send(update(probe), { agent, method: "PUT" }));
        const forged = unbroken(await probe.send(update(probe), { agent, body: "{}" }));
        const good = accepted(await probe.send(update(probe), { agent }));
        return allOf([
          ["a PUT", put],
          ["a forged one after it", forged],
          ["a good one after both", good],
        ]);
      } finally {
        agent.destroy();
      }
    },
  },
  {
    name: "headers-in-capitals",
    needs: "nothing",
    expects: "Header names in capitals are the same as in small letters: proxies change them.",
    mend: "Look headers up without regard to case.",
    run: sends(accepted, {
      headers: (right) => {
        const changes: Record<string, string | null> = {};
        for (const [name, value] of Object.entries(right)) {
          changes[name] = null;
          changes[name.toUpperCase()] = value;
        }
        return changes;
      },
    }),
  },
  {
    name: "answer-in-time",
    needs: "nothing",
    expects: "An event is acknowledged within 3 seconds.",
    mend: "Acknowledge first, and do the work afterwards, in a queue. Until an event is acknowledged, the next of its call waits.",
    run: async (probe) => {
      const answer = await probe.send(sampleLetter("end-of-call-report", probe.newCall()));
      const found = accepted(answer);
      if (found !== undefined || answer.elapsedMs <= probe.limits.answerMaxMs) return found;
      return `it answered after ${(answer.elapsedMs / 1_000).toFixed(1)} s`;
    },
  },
]);
