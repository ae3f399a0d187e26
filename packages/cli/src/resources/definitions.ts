import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { faultsOf, flatTool, type Tool, toolDefinition } from "@offhook/protocol";
import { type Failure, faultsFailure } from "../failure.ts";
import { isObject } from "../json.ts";
import { resourcesIn } from "./resource-file.ts";

/** The tools that a receiver offers: from a file of definitions, or from the module that makes the receiver. */
export async function definitionsIn(file: string): Promise<{ tools: Tool[] } | Failure> {
  const isModule = [".js", ".mjs", ".ts", ".mts"].includes(extname(file));
  const found = isModule ? await definitionsOfModule(file) : resourcesIn(file);
  if ("failure" in found) return found;
  const tools: Tool[] = [];
  for (const given of found.resources) {
    const read = toolDefinition.safeParse(given);
    if (!read.success) return faultsFailure(`${file} holds what is no tool`, faultsOf(read.error));
    tools.push(flatTool(read.data));
  }
  return { tools };
}

async function definitionsOfModule(file: string): Promise<{ resources: unknown[] } | Failure> {
  const module = await imported(file);
  if ("failure" in module) return module;
  for (const exported of Object.values(module.offers)) {
    if (!isObject(exported) || typeof exported["definitions"] !== "function") continue;
    const definitions: unknown = Reflect.apply(exported["definitions"], exported, []);
    if (Array.isArray(definitions)) return { resources: definitions };
  }
  return {
    failure: `${file} exports no receiver: \`export const receiver = serverUrl({…})\`, which has definitions().`,
  };
}

async function imported(file: string): Promise<{ offers: Record<string, unknown> } | Failure> {
  try {
    const offers: unknown = await import(pathToFileURL(resolve(file)).href);
    return { offers: isObject(offers) ? offers : {} };
  } catch (error) {
    return { failure: `${file} cannot be run: ${error instanceof Error ? error.message : String(error)}` };
  }
}
