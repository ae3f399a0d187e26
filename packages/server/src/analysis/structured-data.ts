import type { JsonObject } from "@offhook/protocol";
import type { Ask, Question } from "./ask.ts";
import { type Evidence, type Gaps, gapsIn, takeEvidence, type Told, withEvidence } from "./evidence.ts";
import type { Interim } from "./in-time.ts";
import { readJsonObject } from "./json-answer.ts";
import { failed, type Outcome } from "./outcome.ts";
import { repairQuestion } from "./prompts.ts";
import { type Checked, openSchema, type SchemaChecker } from "./schema.ts";
import { tellFault, tellFaults } from "./schema-fault.ts";

/** Structured data, the messages that each field rests on, and why a field has no value. */
export type Structured = { data: JsonObject; evidence: Evidence; gaps: Gaps };

/** Asked with a schema of the application's; `ids` are those of the transcript. */
export type DataQuestion = Question & { ids: ReadonlySet<string> };

/**
 * Asks for structured data, holds the answer against the schema, and has it
 * put right once. The fields that fit are kept even if others do not.
 */
export async function structureData(
  ask: Ask,
  { ids, ...own }: DataQuestion,
  interim: Interim<Structured>,
): Promise<Outcome<Structured>> {
  const schema = openSchema(own.schema ?? {});
  if (schema.kind === "unusable") return failed(schema.error);
  const read = (text: string): Read => readData({ schema, own: own.schema ?? {}, ids }, text);
  const question = own.schema === undefined ? own : { ...own, schema: withEvidence(own.schema) };
  const first = await ask(question);
  if (first.kind === "failed") return failed(first.error);
  const before = read(first.text);
  if (before.faults.length === 0) return { status: "ok", value: before.value };
  interim(partly(before, "It was being put right when the time was over."));
  const earlier = { answer: first.text, faults: before.faults.map(tellFault) };
  const second = await ask(repairQuestion(question, earlier));
  if (second.kind === "failed") return partly(before, `Asked to put it right: ${second.error}`);
  const after = read(second.text);
  if (after.faults.length === 0) return { status: "ok", value: after.value };
  return partly(better(before, after), "Asked to put it right, the model did no better.");
}

type Usable = SchemaChecker & { kind: "usable" };
type Read = { value: Structured; faults: Checked["faults"] };
type Reading = { schema: Usable; own: JsonObject; ids: ReadonlySet<string> };

function readData({ schema, own, ids }: Reading, answer: string): Read {
  const object = readJsonObject(answer);
  const told: Told = object === undefined ? { data: {}, evidence: {}, gaps: {} } : takeEvidence(object, ids);
  const { data, faults } =
    object === undefined
      ? { data: {}, faults: [{ path: "", says: "holds no JSON object" }] }
      : schema.check(told.data);
  const evidence = Object.entries(told.evidence).filter(([field]) => (data[field] ?? null) !== null);
  const gaps = gapsIn({ data, gaps: told.gaps }, own, faults);
  return { value: { data, evidence: Object.fromEntries(evidence), gaps }, faults };
}

/** The answer with fewer faults; of two alike, the one that holds more. */
function better(before: Read, after: Read): Read {
  const gain = before.faults.length - after.faults.length;
  const more = Object.keys(after.value.data).length - Object.keys(before.value.data).length;
  return gain > 0 || (gain === 0 && more >= 0) ? after : before;
}

function partly({ value, faults }: Read, then: string): Outcome<Structured> {
  const error = `The data does not fit the schema: ${tellFaults(faults)}. ${then}`;
  return { status: "failed", error, value };
}
