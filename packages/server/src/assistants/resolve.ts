import {
  type AssistantBody,
  assistantBody,
  type AssistantOverrides,
  type AssistantTool,
  dropSecrets,
  faultsOf,
  flatTool,
  isMcp,
  type McpTools,
  type Refusal,
  type TeamId,
  type Tool,
} from "@offhook/protocol";
import type { Assistants } from "./assistants.ts";
import { mergePatch } from "./merge.ts";
import { fill } from "./variables.ts";

/** Who answers a call, ready to answer: stored tools brought in, overrides applied, variables filled in. */
export type Resolved = {
  /** null for an assistant that was sent along with the call. */
  assistantId: string | null;
  assistant: AssistantBody & { tools: Tool[] };
  /** MCP servers whose tools are still to be listed. */
  mcp: McpTools[];
  /** Variables that a text names and nobody gave. */
  missing: string[];
};

export type Who = {
  teamId: TeamId;
  assistantId?: string | undefined;
  /** Wins over the id. */
  assistant?: AssistantBody | undefined;
  overrides: AssistantOverrides;
  /** Epoch ms, for `{{date}}`. */
  now: number;
};

export async function resolve(library: Assistants, who: Who): Promise<Resolved | Refusal> {
  const found = await findAssistant(library, who);
  if ("refused" in found) return found;
  const changed = override(found.assistant, who.overrides);
  if ("refused" in changed) return changed;
  const refused = await library.assistants.refuseAddresses(changed.assistant);
  if (refused !== undefined) return refused;
  const tools = await findTools(library, who.teamId, changed.assistant);
  if ("refused" in tools) return tools;
  const missing = new Set<string>();
  const assistant = { ...withVariables(changed.assistant, who, missing), tools: tools.tools };
  return { assistantId: found.assistantId, assistant, mcp: tools.mcp, missing: [...missing] };
}

type Found = { assistantId: string | null; assistant: AssistantBody };

async function findAssistant(library: Assistants, who: Who): Promise<Found | Refusal> {
  if (who.assistant !== undefined) return { assistantId: null, assistant: who.assistant };
  const { assistantId } = who;
  if (assistantId === undefined) {
    return { refused: "invalid", detail: "Name who answers: `assistantId`, or an inline `assistant`." };
  }
  const assistant = await library.assistants.find(who.teamId, assistantId);
  if (assistant !== undefined) return { assistantId, assistant };
  const detail = `There is no assistant ${assistantId}; GET /assistants/v1/assistants lists those there are.`;
  return { refused: "not-found", detail };
}

function override(
  assistant: AssistantBody,
  overrides: AssistantOverrides,
): { assistant: AssistantBody } | Refusal {
  const { dynamicVariables: _, ...fields } = overrides;
  if (Object.keys(fields).length === 0) return { assistant };
  const read = assistantBody.safeParse(mergePatch(assistant, fields));
  if (read.success) return { assistant: read.data };
  const errors = faultsOf(read.error).map(({ path, message }) => ({
    path: `/assistantOverrides${path}`,
    message,
  }));
  return {
    refused: "invalid",
    detail: "The overrides do not fit the assistant; mend what `errors` names.",
    errors,
  };
}

async function findTools(
  library: Assistants,
  teamId: TeamId,
  assistant: AssistantBody,
): Promise<{ tools: Tool[]; mcp: McpTools[] } | Refusal> {
  const given: AssistantTool[] = [...assistant.tools];
  for (const id of assistant.assistantToolIds) {
    const tool = await library.tools.find(teamId, id);
    if (tool === undefined) {
      const detail = `The assistant names tool ${id}, which does not exist: take it out of assistantToolIds, or add it again.`;
      return {
        refused: "invalid",
        detail,
        errors: [{ path: "/assistantToolIds", message: `unknown tool ${id}` }],
      };
    }
    given.push(tool);
  }
  const mcp = given.filter(isMcp);
  const tools = given.flatMap((tool) => (isMcp(tool) ? [] : [flatTool(tool)]));
  const twice = tools.find((tool, index) => tools.findIndex(({ name }) => name === tool.name) !== index);
  if (twice === undefined) return { tools, mcp };
  return {
    refused: "invalid",
    detail: `Two tools are named ${twice.name}: a model tells tools apart by their names.`,
  };
}

function withVariables(assistant: AssistantBody, who: Who, missing: Set<string>): AssistantBody {
  const date = new Date(who.now).toISOString().slice(0, 10);
  const variables = { date, ...who.overrides.dynamicVariables };
  const filled = (text: string): string => fill(text, variables, missing);
  return {
    ...assistant,
    assistantSystemPrompt: filled(assistant.assistantSystemPrompt),
    welcomeMessage: filled(assistant.welcomeMessage),
    endCallMessage: filled(assistant.endCallMessage),
    idleMessages: assistant.idleMessages.map(filled),
  };
}

/** Names of fields that hold an address, in the vendor's configurations and whatever else is kept. */
const addressName = /(?:url|uri|endpoint|webhook|host)$/iu;

/** A copy without what is an address by its name. */
export function dropAddresses<Value extends Record<string, unknown>>(value: Value): Record<string, unknown> {
  const kept = Object.entries(value).filter(
    ([name, item]) => !(addressName.test(name) && typeof item === "string"),
  );
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutAddresses(item)]));
}

function withoutAddresses(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAddresses);
  return typeof value === "object" && value !== null ? dropAddresses({ ...value }) : value;
}

/**
 * The assistant as a payload may show it: whole, but for secrets, credential
 * headers and addresses inside.
 */
export function publicAssistant({ assistantId, assistant }: Resolved): Record<string, unknown> {
  const { assistantLLMUrl: _llm, assistantServer, tools, ...rest } = assistant;
  const server = assistantServer && {
    enabled: assistantServer.enabled,
    timeoutSeconds: assistantServer.timeoutSeconds,
    messages: assistantServer.messages,
    format: assistantServer.format,
  };
  const shown = {
    ...rest,
    _id: assistantId ?? "",
    ...(server === undefined ? {} : { assistantServer: server }),
    tools: tools.map(({ server: _server, ...tool }) => tool),
  };
  return dropAddresses(dropSecrets(shown));
}
