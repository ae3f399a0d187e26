import type { Happening } from "@offhook/protocol";
import type { Resolved } from "../assistants/resolve.ts";
import type { Listed, Mcp } from "../tools/mcp-port.ts";

/** The assistant with the tools that its MCP servers list, and what came of asking them. A server that gives none does not keep the call from beginning. */
export async function withMcpTools(
  mcp: Mcp,
  callId: string,
  who: Resolved,
): Promise<{ who: Resolved; happenings: Happening[] }> {
  if (who.mcp.length === 0) return { who, happenings: [] };
  const listed = await mcp.list(callId, who.mcp);
  const tools = [...who.assistant.tools, ...listed.flatMap((each) => each.tools)];
  return {
    who: { ...who, assistant: { ...who.assistant, tools } },
    happenings: listed.flatMap(happeningsOf),
  };
}

function happeningsOf({ tools, elapsedMs, fault }: Listed): Happening[] {
  const names = tools.map(({ name }) => name);
  const noted: Happening = { type: "tools-listed", from: "mcp", names, elapsedMs, fault: fault ?? null };
  if (fault === undefined) return [noted];
  const error = {
    type: "tool_error",
    code: "mcp-tools",
    message: fault,
    provider: "mcp",
    retryable: names.length === 0,
    details: { names },
  } as const;
  return [noted, { type: "error", error }];
}
