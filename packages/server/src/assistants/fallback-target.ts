import type { AssistantBody } from "@offhook/protocol";
import type { ModelTarget } from "../model.ts";

/** A fallback of an assistant, as a model is asked. */
export function targetOf({ provider, model, url }: AssistantBody["fallbackModels"][number]): ModelTarget {
  return { provider, model, ...(url === undefined ? {} : { baseUrl: url }) };
}
