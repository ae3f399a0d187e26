import { z } from "zod";
import { jsonObject } from "./json.ts";
import { sentenceOf } from "./faults.ts";
import { mcpServer, toolServer } from "./server.ts";

const toolName = z
  .string("is missing: a tool has a name of 1 to 64 letters, digits, _ or -")
  .regex(/^[a-zA-Z0-9_-]{1,64}$/u, "a tool's name is 1 to 64 letters, digits, _ or -");

/** What a tool says while it works; stored and returned with the definition. */
const toolMessage = z.looseObject({
  type: z.enum(["request-start", "request-response-delayed", "request-complete", "request-failed"]),
  content: z.string().max(2_000),
  timingMilliseconds: z.number().int().min(1).max(600_000).optional(),
});

const ours = {
  async: z.boolean().default(false),
  server: toolServer.optional(),
  messages: z.array(toolMessage).max(20).default([]),
  /** Added to the arguments, not shown to the model. */
  staticParameters: jsonObject.optional(),
};

const definition = {
  name: toolName,
  description: z.string().max(4_000).default(""),
  /** JSON Schema of the arguments. */
  parameters: jsonObject.default({ type: "object", properties: {} }),
};

const plain = z.looseObject({ ...definition, ...ours });
const flat = plain.extend({ strict: z.boolean().nullish() });
const wrapped = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ ...definition, strict: z.boolean().nullish() }),
  ...ours,
});

/** The tools of an MCP server: they are listed when a call begins. */
const mcpTools = z.looseObject({
  type: z.literal("mcp"),
  server: mcpServer,
  /** Names of the tools that the assistant may use; absent: all. */
  allow: z.array(toolName).max(64).optional(),
});
export type McpTools = z.infer<typeof mcpTools>;

type Flat = z.infer<typeof flat>;
type Wrapped = z.infer<typeof wrapped>;

const either = z.union([wrapped, flat]);

/**
 * A tool in OpenAI's function-calling form (contract 4.1), flat
 * (`{name, description, parameters}`) or wrapped (`{type: "function", function}`).
 * What has a `function` is read as wrapped, all else as flat, so that a fault
 * is told where it is.
 *
 * @example
 * toolDefinition.parse({ name: "findSlots", parameters: { type: "object", properties: {} } });
 */
export const toolDefinition = z.preprocess<z.input<typeof either>, typeof either, z.input<typeof either>>(
  (given, context) => {
    const read = (hasFunction(given) ? wrapped : flat).safeParse(given);
    for (const issue of read.error?.issues ?? []) {
      context.addIssue({ code: "custom", path: issue.path, message: sentenceOf(issue) });
    }
    return given;
  },
  either,
);
export type ToolDefinition = z.infer<typeof toolDefinition>;

const any = z.union([mcpTools, wrapped, flat]);

/** What an assistant may have among its tools: a tool, or the tools of an MCP server. */
export const assistantTool = z.preprocess<z.input<typeof any>, typeof any, z.input<typeof any>>(
  (given, context) => {
    const read = isMcp(given) ? mcpTools.safeParse(given) : toolDefinition.safeParse(given);
    for (const issue of read.error?.issues ?? []) {
      context.addIssue({ code: "custom", path: issue.path, message: sentenceOf(issue) });
    }
    return given;
  },
  any,
);
export type AssistantTool = z.infer<typeof assistantTool>;

/** Whether it stands for the tools of an MCP server. */
export function isMcp(tool: unknown): tool is McpTools {
  return typeof tool === "object" && tool !== null && "type" in tool && tool.type === "mcp";
}

/** A tool as the server uses it: one shape for both forms. `mcp`: its server is asked by that protocol. */
export type Tool = z.infer<typeof plain> & { strict?: boolean; mcp?: true };

/** Brings both forms into one. */
export function flatTool(given: ToolDefinition): Tool {
  const { strict, ...tool } = isWrapped(given) ? unwrap(given) : given;
  return { ...tool, ...(strict === true ? { strict } : {}) };
}

function unwrap({ function: inner, type: _type, ...rest }: Wrapped): Flat {
  return { ...rest, ...inner };
}

function isWrapped(tool: ToolDefinition): tool is Wrapped {
  return hasFunction(tool);
}

function hasFunction(tool: unknown): boolean {
  return typeof tool === "object" && tool !== null && "function" in tool;
}
