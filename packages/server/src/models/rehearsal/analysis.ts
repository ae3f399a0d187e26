import type { Json, JsonObject } from "@offhook/protocol";
import type { ModelRequest } from "../../model.ts";
import { cut, fieldOf, itemsOf, textOf } from "../loose-json.ts";
import { lookUp, type Memory } from "./memory.ts";
import { workThrough } from "./rules.ts";
import { fillObject, fillText } from "./template.ts";
import { type Turn, turnsOfTranscript } from "./turns.ts";
import { judge, verdictIn } from "./verdict.ts";

/** Answers an analysis from the transcript in the request, the same for the same call. */
export function analyse(request: ModelRequest): string {
  const turns = turnsOfTranscript(textsOf(request, "user"));
  const { memory } = workThrough(request.script, turns);
  switch (request.purpose) {
    case "summary":
    case "conversation":
      return summarise(request, turns, memory);
    case "successEvaluation":
      return verdictIn(textsOf(request, "system"), judge(request.script, turns, memory));
    case "structuredData": {
      const data = structure(request, memory);
      return JSON.stringify({ ...data, ...evidenceOf(request, data) });
    }
  }
}

function textsOf(request: ModelRequest, role: "user" | "system"): string {
  return request.messages.flatMap((message) => (message.role === role ? [message.text] : [])).join("\n");
}

const firstWordsMax = 120;

function summarise({ script }: ModelRequest, turns: readonly Turn[], memory: Memory): string {
  const own = script?.analysis?.summary;
  if (own !== undefined) return fillText(own, (name) => lookUp(memory, name));
  const said = turns.filter(({ who }) => who === "user");
  const [first] = said;
  if (first?.who !== "user") return "The user said nothing.";
  const spoken = turns.filter(({ who }) => who === "assistant").length;
  const tools = memory.results.size === 0 ? "" : ` Tools used: ${[...memory.results.keys()].join(", ")}.`;
  return `The user said ${count(said.length)}, the assistant ${count(spoken)}. It began with: “${cut(first.text, firstWordsMax)}”.${tools}`;
}

function count(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}

/** The last line of the transcript in which each value stands, where the schema asks for evidence. */
function evidenceOf(request: ModelRequest, data: JsonObject): JsonObject {
  if (fieldOf(fieldOf(request.schema, "properties"), "_evidence") === undefined) return {};
  const lines = textsOf(request, "user").split("\n");
  const found = Object.entries(data).flatMap(([field, value]): [string, Json][] => {
    const words = typeof value === "string" ? value : JSON.stringify(value);
    const line =
      words === "" ? undefined : lines.findLast((each) => /^\[.+?\] /u.test(each) && each.includes(words));
    const id = /^\[(.+?)\] /u.exec(line ?? "")?.[1];
    return id === undefined ? [] : [[field, [id]]];
  });
  return found.length === 0 ? {} : { _evidence: Object.fromEntries(found) };
}

function structure({ script, schema }: ModelRequest, memory: Memory): JsonObject {
  const own = script?.analysis?.structuredData;
  if (own !== undefined) return fillObject(own, (name) => lookUp(memory, name));
  const data: JsonObject = {};
  for (const [name, property] of Object.entries(fieldOf(schema, "properties") ?? {})) {
    const value = fitType(lookUp(memory, name) ?? lookUp(memory, `result.${name}`), property);
    if (value !== undefined) data[name] = value;
  }
  return data;
}

/** A value as its schema wants it; `undefined` when it cannot be, or null where that is allowed. */
function fitType(value: Json | undefined, property: unknown): Json | undefined {
  const type = fieldOf(property, "type");
  const types = typeof type === "string" ? [type] : itemsOf(type);
  const none = types.includes("null") ? null : undefined;
  if (value === undefined) return none;
  const choices = itemsOf(fieldOf(property, "enum")).filter((choice) => typeof choice === "string");
  if (choices.length > 0)
    return choices.find((choice) => choice.toLowerCase() === textOf(value).toLowerCase()) ?? none;
  if (
    types.length === 0 ||
    types.includes(typeOf(value)) ||
    (typeof value === "number" && types.includes("number"))
  )
    return value;
  if (typeof value !== "string") return types.includes("string") ? JSON.stringify(value) : none;
  if (types.includes("number") || types.includes("integer"))
    return toNumber(value, types.includes("number")) ?? none;
  if (types.includes("boolean")) return toTruth(value) ?? none;
  return none;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Number.isInteger(value)) return "integer";
  return Array.isArray(value) ? "array" : typeof value;
}

function toNumber(text: string, allowsFraction: boolean): number | undefined {
  const number = Number(/-?\d+(?:\.\d+)?/u.exec(text)?.[0]);
  return Number.isFinite(number) && (allowsFraction || Number.isInteger(number)) ? number : undefined;
}

function toTruth(text: string): boolean | undefined {
  if (/^(?:yes|true|yeah|yep)\b/iu.test(text)) return true;
  return /^(?:no|false|nope)\b/iu.test(text) ? false : undefined;
}
