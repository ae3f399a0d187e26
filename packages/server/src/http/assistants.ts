import { assistantBody, assistantTool } from "@offhook/protocol";
import { numberBody } from "../assistants/assistants.ts";
import type { App, HttpParts } from "./parts.ts";
import { addShelf } from "./shelf.ts";

/** Assistants, tools and numbers: added, listed, shown, changed and removed. */
export function addAssistants(app: App, { assistants: { assistants, tools, numbers } }: HttpParts): void {
  addShelf(app, {
    path: "/assistants/v1/assistants",
    one: "assistant",
    about:
      "An assistant is who answers a call: prompt, model, tools, Server URL. Unknown fields are kept and returned.",
    schema: assistantBody,
    library: assistants,
  });
  addShelf(app, {
    path: "/assistants/v1/tools",
    one: "tool",
    about:
      "A tool is something that an assistant may do, in OpenAI's function-calling form, flat or wrapped, or (`type: mcp`) all tools of an MCP server. Assistants name it in `assistantToolIds`.",
    schema: assistantTool,
    library: tools,
  });
  addShelf(app, {
    path: "/assistants/v1/numbers",
    one: "number",
    about: "A number that the server answers, and which assistant answers it.",
    schema: numberBody,
    library: numbers,
  });
}
