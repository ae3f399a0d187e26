import type { JsonObject } from "@offhook/protocol";
import type { Tool } from "./tool.ts";

/** A tool in OpenAI's flat function-calling form, as an assistant's `tools` takes it (contract 4.1). */
export type Definition = { name: string; description: string; parameters: JsonObject; async: boolean };

/** Lists tools as an assistant's definition takes them. */
export function definitionsOf(tools: Readonly<Record<string, Tool>>): Definition[] {
  return Object.entries(tools).map(([name, { description, parameters, async }]) => ({
    name,
    description,
    parameters,
    async,
  }));
}
