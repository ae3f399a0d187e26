import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Failure } from "../failure.ts";
import { isObject } from "../json.ts";

export type Resource = Record<string, unknown>;

/** The objects in a file of YAML, several with `---` between them, or of JSON, which is YAML too. `-` is standard input. */
export function resourcesIn(file: string): { resources: Resource[] } | Failure {
  const text = textOf(file);
  if (typeof text !== "string") return text;
  const resources: Resource[] = [];
  for (const document of parseAllDocuments(text)) {
    const [fault] = document.errors;
    if (fault !== undefined) return { failure: `${file} cannot be read: ${fault.message.trim()}` };
    const value: unknown = document.toJS();
    if (value === null) continue;
    const listed: unknown[] = Array.isArray(value) ? value : [value];
    for (const one of listed) {
      if (!isObject(one)) return { failure: `${file} holds ${JSON.stringify(one)} where an object belongs.` };
      resources.push(one);
    }
  }
  return resources.length === 0 ? { failure: `${file} is empty.` } : { resources };
}

function textOf(file: string): string | Failure {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    return { failure: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
