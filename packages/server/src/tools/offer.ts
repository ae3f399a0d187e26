import type { ForwardTarget, Json, JsonObject, Tool } from "@offhook/protocol";
import type { ModelTool } from "../model.ts";
import { fieldOf, isObject } from "./json.ts";

export type BuiltIn = "endCall" | "callForward";

/** What an assistant may do. */
export type Toolbox = {
  tools: readonly Tool[];
  builtIns: readonly BuiltIn[];
  endCallToolDescription: string | undefined;
  forwardTo?: ForwardTarget | undefined;
};

/** The tools as a model is shown them, and those that are left out, each with a sentence that says why. */
export type Offer = { tools: ModelTool[]; refused: { name: string; detail: string }[] };

/** Makes a model's tools of an assistant's. Of two with one name the first counts; built-ins come before all. */
export function offer(toolbox: Toolbox): Offer {
  const shown = new Map<string, ModelTool>();
  const refused: Offer["refused"] = [];
  for (const name of new Set(toolbox.builtIns)) shown.set(name, builtIn(name, toolbox));
  for (const tool of toolbox.tools) {
    const detail = clash(tool.name, shown.has(tool.name));
    if (detail === undefined) shown.set(tool.name, modelTool(tool));
    else refused.push({ name: tool.name, detail });
  }
  return { tools: [...shown.values()], refused };
}

function clash(name: string, taken: boolean): string | undefined {
  if (name === "endCall" || name === "callForward") {
    return `${name} is the name of a built-in tool: list it under assistantPredefinedTools, or give yours another name.`;
  }
  return taken ? `Two tools are named ${name}: the first is used; give the other another name.` : undefined;
}

const noArguments: JsonObject = { type: "object", properties: {} };

function builtIn(name: BuiltIn, toolbox: Toolbox): ModelTool {
  const description = name === "endCall" ? endCallWords(toolbox) : forwardWords(toolbox);
  return { name, description, parameters: noArguments };
}

function endCallWords({ endCallToolDescription = "" }: Toolbox): string {
  if (endCallToolDescription !== "") return endCallToolDescription;
  return "Ends the call. Say goodbye first, and call it only when the conversation is over or the user wants to hang up.";
}

function forwardWords({ forwardTo }: Toolbox): string {
  const whom = forwardTo?.name ?? "a person";
  return `Forwards the call to ${whom}, who goes on with it; you leave. Tell the user before you call it.`;
}

function modelTool(tool: Tool): ModelTool {
  const shown = { name: tool.name, description: tool.description, parameters: shownParameters(tool) };
  return tool.strict === undefined ? shown : { ...shown, strict: tool.strict };
}

/** The schema without what the tool adds by itself. */
export function shownParameters({ parameters, staticParameters = {} }: Tool): JsonObject {
  const schema = isObject(parameters) ? parameters : {};
  const properties = fieldOf(schema, "properties");
  const required = fieldOf(schema, "required");
  const shown = (name: Json): boolean => typeof name !== "string" || !Object.hasOwn(staticParameters, name);
  return {
    type: "object",
    ...schema,
    properties: isObject(properties)
      ? Object.fromEntries(Object.entries(properties).filter(([name]) => shown(name)))
      : {},
    ...(Array.isArray(required) ? { required: required.filter(shown) } : {}),
  };
}
