import { eventId, type JsonObject, type Refusal, sampleCallId, type Tool } from "@offhook/protocol";
import { functionCallOf } from "../delivery/message.ts";
import { sampleReading } from "../delivery/sample.ts";
import { withStatic } from "./arguments.ts";
import { type AskDeps, askTool } from "./ask.ts";
import { ownServer } from "./request.ts";

/** Really calls a tool's own server as a call would, and shows what went over the wire and how it was understood. */
export async function tryTool(deps: AskDeps, tool: Tool, given: JsonObject): Promise<JsonObject | Refusal> {
  const { server } = tool;
  if (server === undefined) {
    const detail = `${tool.name} has no server of its own: it is asked at the Server URL of the assistant that uses it, and can be tried in a call.`;
    return { refused: "invalid", detail, errors: [{ path: "/server", message: "the tool has none" }] };
  }
  const toolCallId = `tool_try_${deps.random.uuid()}`;
  const reading = sampleReading();
  const at = deps.clock.now();
  const envelope = functionCallOf(reading, {
    toolCallId,
    name: tool.name,
    arguments: withStatic(tool, given),
    at,
  });
  const { outcome, elapsedMs, exchange } = await askTool(deps, {
    tool,
    server: ownServer(server),
    callId: sampleCallId,
    toolCallId,
    modelCallId: eventId(sampleCallId, 1),
    arguments: given,
    envelope,
  });
  return { outcome, elapsedMs, exchange };
}
