import type { McpTools, Tool, ToolOutcome } from "@offhook/protocol";

/** Listing the tools of one MCP server may take so long: the call waits to begin. */
export const mcpListMaxMs = 5_000;

/** What came of listing one server's tools; those that were left out are named in `fault`. */
export type Listed = { tools: Tool[]; elapsedMs: number; fault: string | undefined };

/** The sessions of calls with MCP servers. */
export type Mcp = {
  /** Lists the tools of each server, side by side. Never throws, and waits no longer than {@link mcpListMaxMs}. */
  list(callId: string, servers: readonly McpTools[]): Promise<Listed[]>;
  /** Calls a tool that was listed. Never throws: every end is an outcome. */
  call(callId: string, tool: Tool, given: Record<string, unknown>): Promise<ToolOutcome>;
  /** Ends a call's sessions. */
  leave(callId: string): void;
};

/** The client of the protocol is read when the first call wants it: it would take longer to read than the rest of the server. */
export function lazyMcp(open: () => Promise<Mcp>): Mcp {
  let opened: Promise<Mcp> | undefined;
  const mcp = (): Promise<Mcp> => (opened ??= open());
  return {
    list: async (callId, servers) => (await mcp()).list(callId, servers),
    call: async (callId, tool, given) => (await mcp()).call(callId, tool, given),
    leave: (callId) => void opened?.then((known) => known.leave(callId)),
  };
}
