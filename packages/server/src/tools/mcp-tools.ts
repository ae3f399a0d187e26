import type { Tool as McpTool } from "@modelcontextprotocol/sdk/types.js";
import { flatTool, type McpTools, type Tool, toolDefinition } from "@offhook/protocol";

/** Tools that are taken of one server. */
const toolsMax = 64;
const descriptionMax = 4_000;

/** Makes tools of what an MCP server lists; what cannot be used is named in `fault`. */
export function toolsOfMcp(
  listed: readonly McpTool[],
  { server, allow }: McpTools,
): { tools: Tool[]; fault: string | undefined } {
  const wanted = listed.filter(({ name }) => allow === undefined || allow.includes(name));
  const missing = (allow ?? []).filter((name) => !listed.some((tool) => tool.name === name));
  const tools: Tool[] = [];
  const unusable: string[] = [];
  for (const tool of wanted) {
    const read = tools.length < toolsMax ? readTool(tool, server) : undefined;
    if (read === undefined) unusable.push(tool.name.slice(0, 64));
    else tools.push(read);
  }
  const faults = [
    ...(missing.length === 0 ? [] : [`The MCP server has no ${missing.join(", ")}.`]),
    ...(unusable.length === 0
      ? []
      : [`Left out, for their names, their schemas or their number: ${unusable.slice(0, 20).join(", ")}.`]),
  ];
  return { tools, fault: faults.length === 0 ? undefined : faults.join(" ") };
}

function readTool(
  { name, description = "", inputSchema }: McpTool,
  server: McpTools["server"],
): Tool | undefined {
  const read = toolDefinition.safeParse({
    name,
    description: description.slice(0, descriptionMax),
    parameters: inputSchema,
    server: { ...server, format: "arguments" },
  });
  return read.success ? { ...flatTool(read.data), mcp: true } : undefined;
}
