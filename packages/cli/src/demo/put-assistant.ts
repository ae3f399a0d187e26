import type { Client } from "@offhook/client";
import type { AssistantBody } from "@offhook/protocol";
import { type Failure, failureOf } from "../failure.ts";
import { assistantsNamed } from "../talk/find-assistant.ts";

/** Stores an assistant, in the place of one of the same name if there is one. */
export async function putAssistant(client: Client, body: AssistantBody): Promise<{ id: string } | Failure> {
  const named = await assistantsNamed(client, body.name);
  if ("failure" in named) return named;
  const [there] = named.found;
  const put =
    there === undefined ? client.assistants.create(body) : client.assistants.update(there._id, body);
  const answer = await put;
  return answer.ok ? { id: answer.value._id } : failureOf(answer.problem);
}
