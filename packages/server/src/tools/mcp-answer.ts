import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type CallToolResult, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { Json, ToolOutcome } from "@offhook/protocol";
import { parseJson } from "./json.ts";
import { McpAnswerTooLarge, mcpAnswerBytesMax, McpRedirect } from "./mcp-client.ts";
import { failure, quoteCharactersMax } from "./understand.ts";

/** A result of a tool may be so large, as for any tool. */
const resultCharactersMax = 262_144;

/** Reads what an MCP tool answered: its structured content, or its text; what is neither is named. */
export function understandMcp(name: string, result: CallToolResult): ToolOutcome {
  const text = (result.content ?? []).map(textOf).join("\n");
  if (result.isError === true) {
    const words = text.trim() === "" ? "it gave no reason" : quote(text);
    return failure("error-field", `${name} failed: ${words}`);
  }
  const structured = structuredOf(result);
  if (text.length > resultCharactersMax || JSON.stringify(structured ?? null).length > resultCharactersMax)
    return failure(
      "too-large",
      `${name} answered with more than ${resultCharactersMax / 1_024} KiB, which is too much to read.`,
    );
  if (structured !== undefined) return { kind: "result", result: structured, understoodAs: "mcp-structured" };
  return text.trim() === ""
    ? { kind: "result", result: null, understoodAs: "empty" }
    : { kind: "result", result: text, understoodAs: "mcp-text" };
}

function structuredOf({ structuredContent }: CallToolResult): Json | undefined {
  if (structuredContent === undefined) return undefined;
  const read = parseJson(JSON.stringify(structuredContent));
  return read.kind === "json" ? read.value : undefined;
}

function textOf(part: NonNullable<CallToolResult["content"]>[number]): string {
  if (part.type === "text") return part.text;
  if (part.type === "resource" && "text" in part.resource) return part.resource.text;
  return `(${part.type}: not text)`;
}

const requestTimeout: number = ErrorCode.RequestTimeout;

/** Whether the server has forgotten the session: nothing was done. */
export function isLostSession(error: unknown): boolean {
  return error instanceof StreamableHTTPError && error.code === 404;
}

/** A call that failed, as an error that the model can speak about. */
export function mcpFailure(name: string, error: unknown): ToolOutcome {
  if (error instanceof McpError && error.code === requestTimeout)
    return failure("timed-out", `${name} did not answer in time.`);
  if (error instanceof McpError) return failure("error-field", `${name} failed: ${quote(error.message)}`);
  return failure(codeOf(error), `${name} could not be called. ${mcpFault(error)}`);
}

function codeOf(error: unknown): string {
  if (refusalIn(error) !== undefined) return "forbidden";
  if (causesOf(error).some((cause) => cause instanceof McpAnswerTooLarge)) return "too-large";
  return error instanceof StreamableHTTPError ? "bad-status" : "unreachable";
}

/** What went wrong with an MCP server, in a sentence without its own words: they may hold what we sent. */
export function mcpFault(error: unknown): string {
  const forbidden = refusalIn(error);
  if (forbidden !== undefined) return `The MCP server may not be connected to: ${forbidden}`;
  const causes = causesOf(error);
  if (causes.some((cause) => cause instanceof McpAnswerTooLarge))
    return `The MCP server answered with more than ${mcpAnswerBytesMax / 1_024} KiB.`;
  if (causes.some((cause) => cause instanceof McpRedirect))
    return "The MCP server answered with a redirect, which is not followed: give its final address.";
  if (error instanceof StreamableHTTPError && error.code !== undefined && error.code > 0)
    return `The MCP server answered ${error.code}.`;
  if (error instanceof McpError) return `The MCP server answered with an error (${error.code}).`;
  const isNetwork = causes.some((cause) => cause instanceof TypeError);
  return isNetwork
    ? "The MCP server could not be reached."
    : "The MCP server did not answer as the protocol has it.";
}

/** The guard refuses with an error that holds a `refusal`, whose `detail` is a sentence for people. */
function refusalIn(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const refusal =
      typeof cause === "object" && cause !== null && "refusal" in cause ? cause.refusal : undefined;
    if (typeof refusal === "object" && refusal !== null && "detail" in refusal) return String(refusal.detail);
  }
  return undefined;
}

const causesMax = 8;

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && causes.length < causesMax; at = at.cause) causes.push(at);
  return causes;
}

function quote(text: string): string {
  return text.length <= quoteCharactersMax ? text : `${text.slice(0, quoteCharactersMax)}…`;
}
