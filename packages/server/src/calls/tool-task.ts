import type { AssistantBody, CallId, Reading, Tool, ToolOutcome } from "@offhook/protocol";
import { serverSettings } from "../delivery/destination.ts";
import type { Egress } from "../delivery/egress-port.ts";
import { functionCallOf } from "../delivery/message.ts";
import type { Effect } from "../conversation/effect.ts";
import { withStatic } from "../tools/arguments.ts";
import { type AskDeps, type Asked, askTool } from "../tools/ask.ts";
import type { Mcp } from "../tools/mcp-port.ts";
import { ownServer, type ToolServer } from "../tools/request.ts";

/** A tool at the Server URL is asked once the events before it are out there, but no later than this. */
const tellsFirstMaxMs = 200;

export type ToolParts = AskDeps & {
  /** The sessions with MCP servers. */
  mcp: Mcp;
  /** Waits until a call's events are out, or so many ms have passed. */
  told: (callId: CallId, limitMs: number) => Promise<void>;
  /** The way to whoever listens to an assistant in the place of its Server URL; undefined when nobody does. */
  listener: (sought: { teamId: string; assistantId: string | null }) => Listener | undefined;
};

/** How a listener is asked, and where when the assistant has no Server URL. */
export type Listener = { egress: Egress; url: string };

type AskTool = Extract<Effect, { type: "ask-tool" }>;

/** Asks the server of a tool: its own, or the assistant's Server URL. Never throws. */
export async function performTool(
  deps: ToolParts,
  effect: AskTool,
  call: { callId: CallId; reading: Reading; assistant: AssistantBody },
): Promise<Pick<Asked, "outcome"> & { exchange?: Asked["exchange"] }> {
  const { tool, toolCallId, modelCallId } = effect;
  if (tool.mcp === true) {
    const outcome = await deps.mcp.call(call.callId, tool, withStatic(tool, effect.arguments));
    return { outcome };
  }
  const { teamId, assistantId } = call.reading.call;
  const listener = tool.server === undefined ? deps.listener({ teamId, assistantId }) : undefined;
  const server = serverOf(tool, call.assistant) ?? (listener && atListener(listener));
  if (server === undefined) return { outcome: nowhere(tool) };
  if (tool.server === undefined) await deps.told(call.callId, tellsFirstMaxMs);
  const given = withStatic(tool, effect.arguments);
  const at = deps.clock.now();
  const envelope = functionCallOf(call.reading, { toolCallId, name: tool.name, arguments: given, at });
  return askTool(
    { ...deps, egress: listener?.egress ?? deps.egress },
    {
      tool,
      server,
      callId: call.callId,
      toolCallId,
      modelCallId,
      arguments: effect.arguments,
      envelope,
    },
  );
}

/** A tool's own server, with the assistant's as the place for tools that have none. */
function serverOf(tool: Tool, assistant: AssistantBody): ToolServer | undefined {
  const { server } = tool;
  if (server === undefined) {
    const settings = serverSettings(assistant);
    return settings && { ...settings, method: "POST", format: "envelope" };
  }
  return ownServer(server);
}

/** A listener's time is what a Server URL has if nothing is said. */
const listenerTimeoutSeconds = 20;

function atListener({ url }: Listener): ToolServer {
  const settings = { url, timeoutSeconds: listenerTimeoutSeconds, headers: {}, auth: "signature" } as const;
  return { ...settings, method: "POST", format: "envelope" };
}

function nowhere(tool: Tool): ToolOutcome {
  const error = `${tool.name} has no server of its own, and the assistant has no enabled assistantServer: there is nowhere to ask.`;
  return { kind: "error", code: "no-server", error };
}
