import { jsonObject } from "@offhook/protocol";
import { z } from "zod";
import { inputNames, outputNames } from "./names.ts";

/** Whether a schema describes what the server is sent, or what it sends. */
export type Direction = "input" | "output";

export type JsonSchema = Record<string, unknown>;

type Names = z.core.$ZodRegistry<{ id: string }>;

/** JSON Schema (2020-12) of what zod schemas say. What has a name is collected, and referred to. */
export class Schemas {
  readonly #components = new Map<string, unknown>();
  readonly #names: Record<Direction, Names> = {
    input: registryOf(inputNames),
    output: registryOf(outputNames),
  };

  /** A schema, or a reference to it if it has a name. */
  of(schema: z.ZodType, direction: Direction): JsonSchema {
    const made = z.toJSONSchema(schema, {
      io: direction,
      metadata: this.#names[direction],
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => complete(zodSchema, jsonSchema),
    });
    const { $schema: _, $defs, ...own } = withReferences(made);
    for (const [name, definition] of Object.entries(jsonObject.parse($defs ?? {}))) {
      this.#components.set(nameOf(name), definition);
    }
    return own;
  }

  /** What was collected, by name. */
  get components(): Record<string, unknown> {
    return Object.fromEntries([...this.#components].toSorted(([one], [other]) => one.localeCompare(other)));
  }
}

function registryOf(names: Record<string, z.ZodType>): Names {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(names)) registry.add(schema, { id });
  return registry;
}

/** Adds descriptions, which are kept elsewhere; takes out what would forbid answers to grow. */
function complete(schema: z.core.$ZodType, made: z.core.JSONSchema.BaseSchema): void {
  const description = z.globalRegistry.get(schema)?.description;
  if (description !== undefined) made.description = description;
  if (made.additionalProperties === false) delete made.additionalProperties;
  if (made.format === "date-time" || made.format === "date") delete made.pattern;
}

function withReferences(made: object): JsonSchema {
  const text = JSON.stringify(made).replaceAll(
    /"#\/\$defs\/([^"]+)"/gu,
    (_whole, name: string) => `"#/components/schemas/${nameOf(name)}"`,
  );
  return jsonObject.parse(JSON.parse(text));
}

/** The only schemas that refer to themselves without a name are those of any JSON. */
function nameOf(name: string): string {
  return name.startsWith("__schema") ? "Json" : name;
}
