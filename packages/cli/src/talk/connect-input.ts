import { readFileSync } from "node:fs";
import type { Client, ConnectInput } from "@offhook/client";
import { assistantBody, faultsOf, type JsonObject } from "@offhook/protocol";
import { type Failure, misuse } from "../failure.ts";
import { findAssistant } from "./find-assistant.ts";

type Wish = { file?: string; metadata?: string; var: readonly string[] };

/** What to place the call with: the assistant that was named, or the one in a file. */
export async function connectInput(
  client: Client,
  who: string | undefined,
  wish: Wish,
): Promise<ConnectInput | Failure> {
  const metadata = metadataIn(wish.metadata);
  if ("failure" in metadata) return metadata;
  const variables = variablesIn(wish.var);
  if ("failure" in variables) return variables;
  const rest = {
    callType: "chat",
    ...metadata,
    assistantOverrides: { dynamicVariables: variables.values },
  } as const;
  if (wish.file !== undefined) {
    const assistant = assistantIn(wish.file);
    return "failure" in assistant ? assistant : { assistant: assistant.body, ...rest };
  }
  if (who === undefined) return misuse("Who is called? Name an assistant by its id or name, or give --file.");
  const found = await findAssistant(client, who);
  return "failure" in found ? found : { assistantId: found.id, ...rest };
}

function assistantIn(file: string): { body: NonNullable<ConnectInput["assistant"]> } | Failure {
  const json = jsonIn(file);
  if ("failure" in json) return json;
  const read = assistantBody.safeParse(json.value);
  if (read.success) return { body: read.data };
  const faults = faultsOf(read.error).map(({ path, message }) => `\n  ${path || "/"}: ${message}`);
  return { failure: `${file} holds no assistant:${faults.join("")}` };
}

function jsonIn(file: string): { value: unknown } | Failure {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return { value };
  } catch (error) {
    return { failure: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function metadataIn(text: string | undefined): { metadata?: JsonObject } | Failure {
  if (text === undefined) return {};
  const wrong = misuse(`--metadata is “${text}”: it must be a JSON object, such as '{"order": 42}'.`);
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { metadata: value } : wrong;
  } catch {
    return wrong;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function variablesIn(pairs: readonly string[]): { values: Record<string, string> } | Failure {
  const values: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([^=]{1,64})=(.*)$/su.exec(pair) ?? [];
    if (name === undefined || value === undefined) return misuse(`--var is “${pair}”: write name=value.`);
    values[name] = value;
  }
  return { values };
}
