import {
  analysis,
  assistantAnswer,
  assistantBody,
  assistantRequest,
  attempt,
  callWithMessages,
  connectBody,
  control,
  conversationUpdate,
  delivery,
  analysisUpdated,
  endOfCallReport,
  errorMessage,
  eventView,
  functionCall,
  hangMessage,
  hangRecovered,
  liveCommand,
  liveUpdate,
  problem,
  saidView,
  statusUpdate,
  toolAnswer,
  toolDefinition,
  wireMessage,
} from "@offhook/protocol";
import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** What is POSTed to a Server URL, by `message.type`. */
export const messages = {
  "status-update": statusUpdate,
  "conversation-update": conversationUpdate,
  hang: hangMessage,
  "hang-recovered": hangRecovered,
  error: errorMessage,
  "end-of-call-report": endOfCallReport,
  "analysis-updated": analysisUpdated,
  "function-call": functionCall,
  "assistant-request": assistantRequest,
} as const;

/** What the server takes. */
export const taken = {
  assistant: assistantBody,
  "assistant-answer": assistantAnswer,
  tool: toolDefinition,
  connect: connectBody,
  control,
  "tool-answer": toolAnswer,
  "live-command": liveCommand,
} as const;

/** What the server gives. */
export const given = {
  call: callWithMessages,
  message: wireMessage,
  analysis,
  said: saidView,
  event: eventView,
  delivery,
  attempt,
  "live-update": liveUpdate,
  problem,
} as const;

export type Dialect = "draft-2020-12" | "draft-7";

/** The JSON Schema of what is sent (`output`) or taken (`input`). */
export function schemaOf(
  schema: z.ZodType,
  io: "input" | "output",
  target: Dialect = "draft-2020-12",
): JsonSchema {
  const { $defs, definitions, ...made } = z.toJSONSchema(schema, {
    io,
    target,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Objects may grow.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  // The only schemas that refer to themselves are those of any JSON.
  return withoutReferences(z.record(z.string(), z.unknown()).parse(made));
}

function withoutReferences(made: JsonSchema): JsonSchema {
  const text = JSON.stringify(made).replaceAll(/\{"\$ref":"#\/(?:\$defs|definitions)\/[^"]+"\}/gu, "{}");
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** The body of a POST to a Server URL whose message is this. */
export function bodySchemaOf(schema: z.ZodType, target: Dialect = "draft-2020-12"): JsonSchema {
  const { $schema, ...message } = schemaOf(schema, "output", target);
  return { $schema, type: "object", properties: { message }, required: ["message"] };
}

/** Every schema file, by its name. */
export function schemaFiles(): Record<string, JsonSchema> {
  const files: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(messages)) files[name] = bodySchemaOf(schema);
  for (const [name, schema] of Object.entries(taken)) files[name] = schemaOf(schema, "input");
  for (const [name, schema] of Object.entries(given)) files[name] = schemaOf(schema, "output");
  const titled = ([name, schema]: [string, JsonSchema]): [string, JsonSchema] => [
    name,
    { $id: `${name}.json`, title: name, ...schema },
  ];
  return Object.fromEntries(Object.entries(files).map(titled));
}
