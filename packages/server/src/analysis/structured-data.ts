import type { JsonObject } from "@offhook/protocol";
import type { Ask, Question } from "./ask.ts";
import { readJsonObject } from "./json-answer.ts";
import { failed, type Outcome } from "./outcome.ts";
import { repairQuestion } from "./prompts.ts";
import { type Checked, openSchema, type SchemaChecker } from "./schema.ts";
import { tellFault, tellFaults } from "./schema-fault.ts";

/**
 * Asks for structured data, holds the answer against the schema, and has it
 * put right once. The fields that fit are kept even if others do not.
 */
export async function structureData(ask: Ask, question: Question): Promise<Outcome<JsonObject>> {
  const schema = openSchema(question.schema ?? {});
  if (schema.kind === "unusable") return failed(schema.error);
  const first = await ask(question);
  if (first.kind === "failed") return failed(first.error);
  const before = readData(schema, first.text);
  if (before.faults.length === 0) return { status: "ok", value: before.data };
  const earlier = { answer: first.text, faults: before.faults.map(tellFault) };
  const second = await ask(repairQuestion(question, earlier));
  if (second.kind === "failed") return partly(before, `Asked to put it right: ${second.error}`);
  const after = readData(schema, second.text);
  if (after.faults.length === 0) return { status: "ok", value: after.data };
  return partly(better(before, after), "Asked to put it right, the model did no better.");
}

type Usable = SchemaChecker & { kind: "usable" };

function readData({ check }: Usable, answer: string): Checked {
  const data = readJsonObject(answer);
  return data === undefined
    ? { data: {}, faults: [{ path: "", says: "holds no JSON object" }] }
    : check(data);
}

/** The answer with fewer faults; of two alike, the one that holds more. */
function better(before: Checked, after: Checked): Checked {
  const gain = before.faults.length - after.faults.length;
  const more = Object.keys(after.data).length - Object.keys(before.data).length;
  return gain > 0 || (gain === 0 && more >= 0) ? after : before;
}

function partly({ data, faults }: Checked, then: string): Outcome<JsonObject> {
  const error = `The data does not fit the schema: ${tellFaults(faults)}. ${then}`;
  return { status: "failed", error, ...(Object.keys(data).length === 0 ? {} : { value: data }) };
}
