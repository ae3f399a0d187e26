import { type Format, type TellType, tellTypes } from "@offhook/protocol";
import { objectOf } from "../json.ts";
import { letterOf, sampleLetter, sampleMessage } from "../sending/letter.ts";
import { type Case, casesOf, type Finding } from "./case.ts";
import { accepted, allOf } from "./findings.ts";
import type { Probe } from "./probe.ts";

type Message = Record<string, unknown>;

/** A sample event, changed, is accepted. */
const changed =
  (type: TellType, change: (message: Message) => Message) =>
  async (probe: Probe): Promise<Finding> =>
    accepted(await probe.send(letterOf(change(sampleMessage(type, probe.newCall())))));

/** A body that has no `message`. */
const other =
  (body: Message) =>
  async (probe: Probe): Promise<Finding> =>
    accepted(await probe.send({ id: `msg_${probe.newId()}`, body: JSON.stringify(body), headers: {} }));

const whatIsToldOf: Record<TellType, string> = {
  "status-update": "a change of a call's status",
  "conversation-update": "a new message of the conversation, with the whole history",
  hang: "an assistant that has been silent for too long",
  "hang-recovered": "an assistant that speaks again after all",
  error: "a failure of a model, a tool or a channel",
  "end-of-call-report": "a call's end, with its analysis",
  "analysis-updated": "an analysis that came after the report",
};

const everyType: Omit<Case, "group">[] = tellTypes.map((type) => ({
  name: `event-${type}`,
  needs: "nothing",
  expects: `A ${type} (${whatIsToldOf[type]}) is accepted with 2xx.`,
  mend: `Answer ${type} with 2xx, also if nothing is done with it.`,
  run: async (probe) => accepted(await probe.send(sampleLetter(type, probe.newCall()))),
}));

const everyTypeIn =
  (format: Format) =>
  async (probe: Probe): Promise<Finding> => {
    const found: [string, Finding][] = [];
    for (const type of tellTypes)
      found.push([type, accepted(await probe.send(sampleLetter(type, probe.newCall(format))))]);
    return allOf(found);
  };

const without = (message: Message, ...names: string[]): Message =>
  Object.fromEntries(Object.entries(message).filter(([name]) => !names.includes(name)));

const callOf = (message: Message): Message => objectOf(message["call"]);

/** What must hold of the events of every type and generation. */
export const eventCases: Case[] = casesOf("events", [
  ...everyType,
  {
    name: "format-2026-03",
    needs: "nothing",
    expects:
      "Every event is accepted in the format 2026-03: the status only in the call, times as numbers, no history on a status-update.",
    mend: "Read the status at message.status or else at message.call.status, a time as text or as a number, and the history where there is one.",
    run: everyTypeIn("2026-03"),
  },
  {
    name: "unknown-type",
    needs: "nothing",
    expects: "A message of a type that nobody knows is accepted with 2xx.",
    mend: "Answer 2xx for every type, and do nothing with those that are unknown: types are added without notice.",
    run: changed("status-update", (message) => ({ ...message, type: "speech-update" })),
  },
  {
    name: "unknown-fields",
    needs: "nothing",
    expects: "Fields that nobody knows, at every level, change nothing.",
    mend: 'Let your schema pass unknown fields: `looseObject` in zod, `extra="ignore"` in pydantic.',
    run: changed("conversation-update", (message) => ({
      ...message,
      newField: { deep: [1, null] },
      call: { ...callOf(message), newField: true },
      customer: { ...objectOf(message["customer"]), loyalty: "gold" },
    })),
  },
  {
    name: "unknown-statuses",
    needs: "nothing",
    expects: "Statuses of other generations (initiated, completed, ended, failed) are accepted.",
    mend: "Take completed and ended for finished, and pass over a status that is unknown.",
    run: async (probe) => {
      const found: [string, Finding][] = [];
      for (const status of ["initiated", "completed", "ended", "failed", "on-hold"]) {
        const change = changed("status-update", (message) => ({
          ...message,
          status,
          call: { ...callOf(message), status },
        }));
        found.push([status, await change(probe)]);
      }
      return allOf(found);
    },
  },
  {
    name: "missing-objects",
    needs: "nothing",
    expects: "An event without assistant, phone, customer, analysis or history is accepted.",
    mend: "Read every object of the envelope as one that may be absent or empty.",
    run: async (probe) =>
      allOf([
        [
          "absent",
          await changed("end-of-call-report", (message) =>
            without(message, "assistant", "phone", "customer", "analysis", "messages"),
          )(probe),
        ],
        [
          "empty",
          await changed("end-of-call-report", (message) => ({
            ...message,
            assistant: {},
            phone: {},
            customer: {},
            analysis: null,
            messages: [],
          }))(probe),
        ],
      ]),
  },
  {
    name: "no-id-and-no-sequence",
    needs: "nothing",
    expects: "A message without id, sequence and timestamp, as Interactly sends it, is accepted.",
    mend: "Tell repetitions by the header webhook-id or message.id where there is one, and otherwise by call, type and status.",
    run: changed("status-update", (message) => without(message, "id", "sequence", "timestamp")),
  },
  {
    name: "message-id-twice",
    needs: "nothing",
    expects: "A history in which a messageId comes twice is accepted.",
    mend: "Do not take messageId for unique in your database: the vendor's history repeats some.",
    run: changed("conversation-update", (message) => {
      const messages: unknown[] = Array.isArray(message["messages"]) ? message["messages"] : [];
      return { ...message, messages: [...messages, ...messages] };
    }),
  },
  {
    name: "analysis-in-the-call",
    needs: "nothing",
    expects: "A report whose analysis is only in the call, with an evaluation that is a number, is accepted.",
    mend: "Read the analysis at message.analysis or else at message.call.analysis; successEvaluation is a text, a number or a boolean.",
    run: changed("end-of-call-report", (message) => ({
      ...message,
      analysis: {},
      call: {
        ...callOf(message),
        analysis: { summary: "", successEvaluation: 7, structuredData: { "Preferred Day": "Monday" } },
      },
    })),
  },
  {
    name: "campaign-without-message",
    needs: "nothing",
    expects: "A campaign's webhook, which has no `message`, is accepted with 2xx.",
    mend: "Answer 2xx for bodies without a message: campaigns and workflows share the Server URL.",
    run: other({ event: "call_status", campaign: { _id: "cmp-1", name: "Recall" }, status: "completed" }),
  },
  {
    name: "workflow-without-message",
    needs: "nothing",
    expects: "A workflow's webhook, which has no `message`, is accepted with 2xx.",
    mend: "Answer 2xx for bodies without a message: campaigns and workflows share the Server URL.",
    run: other({ event: "workflow_completed", workflow: { _id: "wf-1" }, data: [] }),
  },
]);
