import type { JsonObject } from "@offhook/protocol";
import { isObject } from "./json-answer.ts";
import { limits } from "./limits.ts";

/** The fields beside the data in which a model says what it rests on. */
const evidenceField = "_evidence";
const gapsField = "_gaps";

export type Evidence = Record<string, string[]>;
export type Gaps = Record<string, string>;

/** Data as a model gave it, and what it says about it. */
export type Told = { data: JsonObject; evidence: Evidence; gaps: Gaps };

const asked: JsonObject = {
  [evidenceField]: {
    type: "object",
    description:
      "For each field with a value: the ids, as in the brackets of the transcript, of the lines that it rests on.",
    additionalProperties: { type: "array", items: { type: "string" } },
  },
  [gapsField]: {
    type: "object",
    description: "For each field that is left out or null: why, in a few words.",
    additionalProperties: { type: "string" },
  },
};

/** The schema with the two fields beside the data, where it describes the fields of an object by name. */
export function withEvidence(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isObject(properties) || Object.keys(properties).length === 0) return schema;
  return { ...schema, properties: { ...properties, ...asked } };
}

/** Takes the two fields off an answer. Ids that the transcript does not have are no evidence. */
export function takeEvidence(answer: JsonObject, ids: ReadonlySet<string>): Told {
  const { [evidenceField]: evidence, [gapsField]: gaps, ...data } = answer;
  return { data, evidence: readEvidence(evidence, ids), gaps: readGaps(gaps) };
}

function readEvidence(given: unknown, ids: ReadonlySet<string>): Evidence {
  const known = entriesOf(given).map(([field, found]): [string, string[]] => {
    const named = Array.isArray(found) ? found : [found];
    const texts = named.flatMap((id) => (typeof id === "string" ? [id.replace(/^\[(.*)\]$/u, "$1")] : []));
    return [field, [...new Set(texts)].filter((id) => ids.has(id)).slice(0, limits.evidenceMax)];
  });
  return Object.fromEntries(known.filter(([, found]) => found.length > 0));
}

function readGaps(given: unknown): Gaps {
  const told = entriesOf(given).flatMap(([field, why]): [string, string][] =>
    typeof why === "string" && why.trim() !== "" ? [[field, why.trim().slice(0, limits.gapMax)]] : [],
  );
  return Object.fromEntries(told);
}

function entriesOf(given: unknown): [string, unknown][] {
  return isObject(given) ? Object.entries(given).slice(0, limits.fieldsMax) : [];
}

const unexplained = "The model gave no value and no reason.";

/** A sentence for each field of the schema that has no value, and for each that did not fit. */
export function gapsIn(
  { data, gaps }: Pick<Told, "data" | "gaps">,
  schema: JsonObject,
  faults: readonly { path: string; says: string }[],
): Gaps {
  const { properties } = schema;
  const empty = Object.keys(isObject(properties) ? properties : {}).filter(
    (field) => (data[field] ?? null) === null,
  );
  const said = empty.slice(0, limits.fieldsMax).map((field) => [field, gaps[field] ?? unexplained] as const);
  const unfit = faults
    .filter(({ path, says }) => path !== "" && says !== "is missing")
    .map(({ path, says }) => [path, `The model's value ${says}.`] as const);
  return Object.fromEntries([...said, ...unfit.slice(0, limits.fieldsMax)]);
}
