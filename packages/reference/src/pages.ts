import type { Fixtures } from "./fixtures.ts";
import { bodySchemaOf, given, type JsonSchema, messages, schemaOf, taken } from "./schemas.ts";

const written =
  "<!-- Written by `npm run generate` from the schemas and the running server. Do not edit. -->";

/** Every message to a Server URL: when it is sent, what is in it, and one as it really is. */
export function messagesPage(fixtures: Fixtures, summaries: Record<string, string>): string {
  const parts = Object.entries(messages).flatMap(([type, schema]) => [
    `## ${type}`,
    summaries[type] ?? "",
    `Schema: [\`${type}.json\`](schemas/${type}.json).`,
    tableOf(bodySchemaOf(schema)),
    "In `2025-04`:",
    block(fixtures["2025-04"][type]),
    `In \`2026-03\`: [\`${type}.json\`](fixtures/2026-03/${type}.json).`,
  ]);
  return page("What is sent to a Server URL", parts);
}

/** Every object of the API. */
export function objectsPage(): string {
  const section = ([name, schema]: [string, JsonSchema]): string[] => [
    `## ${name}`,
    `Schema: [\`${name}.json\`](schemas/${name}.json).`,
    tableOf(schema),
  ];
  const inputs = Object.entries(taken).map(([name, schema]): [string, JsonSchema] => [
    name,
    schemaOf(schema, "input"),
  ]);
  const outputs = Object.entries(given).map(([name, schema]): [string, JsonSchema] => [
    name,
    schemaOf(schema, "output"),
  ]);
  return page("What the API takes and gives", [
    "# What the server takes",
    ...inputs.flatMap(section),
    "# What the server gives",
    ...outputs.flatMap(section),
  ]);
}

function page(title: string, parts: readonly string[]): string {
  return `${[written, `# ${title}`, ...parts].filter((part) => part !== "").join("\n\n")}\n`;
}

function block(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

function tableOf(schema: JsonSchema): string {
  const rows = rowsOf(schema, "");
  if (rows.length === 0) return "Any JSON.";
  return ["| field | type | | |", "|---|---|---|---|", ...rows].join("\n");
}

/** Deeper than this the schema file is the better reading. */
const depthMax = 4;

function rowsOf(schema: JsonSchema, path: string): string[] {
  if (path.split(".").length > depthMax) return [];
  const forms = formsOf(schema);
  if (forms.length > 0) return forms.flatMap((form) => rowsOf(form, path));
  if (isSchema(schema["items"])) return rowsOf(schema["items"], `${path}[]`);
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const fields = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  return fields.flatMap(([name, field]) => {
    if (!isSchema(field)) return [];
    const own = path === "" ? name : `${path}.${name}`;
    return [rowOf(own, field, required.includes(name)), ...rowsOf(field, own)];
  });
}

function rowOf(path: string, field: JsonSchema, isRequired: boolean): string {
  const notes = [
    field["description"],
    "default" in field ? `default \`${JSON.stringify(field["default"])}\`` : "",
    limitsOf(field),
  ];
  const said = notes.filter((note) => typeof note === "string" && note !== "").join("; ");
  return `| \`${path}\` | ${escaped(typeOf(field))} | ${isRequired ? "always" : ""} | ${escaped(said)} |`;
}

function typeOf(field: JsonSchema): string {
  if ("const" in field) return `\`${JSON.stringify(field["const"])}\``;
  const words = field["enum"];
  if (Array.isArray(words)) return words.map((word) => `\`${JSON.stringify(word)}\``).join(" | ");
  const forms = formsOf(field);
  if (forms.length > 0) return [...new Set(forms.map(typeOf))].join(" | ");
  if (field["type"] === "array")
    return `list of ${isSchema(field["items"]) ? typeOf(field["items"]) : "any"}`;
  const { type, format } = field;
  if (typeof type !== "string") return "any";
  return typeof format === "string" ? `${type} (${format})` : type;
}

function limitsOf(field: JsonSchema): string {
  const bounds: [string, string][] = [
    ["minLength", "at least % characters"],
    ["maxLength", "at most % characters"],
    ["minimum", "from %"],
    ["maximum", "to %"],
    ["maxItems", "at most %"],
  ];
  return bounds
    .filter(([name]) => isTold(field[name]))
    .map(([name, words]) => words.replace("%", String(field[name])))
    .join(", ");
}

/** Bounds of numbers in general say nothing. */
function isTold(bound: unknown): boolean {
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

function formsOf(schema: JsonSchema): JsonSchema[] {
  const forms = schema["anyOf"] ?? schema["oneOf"] ?? [];
  return Array.isArray(forms) ? forms.filter(isSchema) : [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
