import { type JsonObject, type Tool, type ToolServer as OwnServer, wireHeaders } from "@offhook/protocol";
import type { EgressRequest } from "../delivery/egress-port.ts";
import { signedHeaders } from "../delivery/sign.ts";
import type { ServerSettings } from "../store.ts";
import { withStatic } from "./arguments.ts";

/** Where a tool is asked, and how. */
export type ToolServer = ServerSettings & {
  method: EgressRequest["method"];
  format: "envelope" | "arguments";
};

/** A tool's own server, as it is asked. */
export function ownServer(server: OwnServer): ToolServer {
  const { url, timeoutSeconds, secret, previousSecret, headers, method, format = "arguments", tls } = server;
  const settings = {
    url,
    timeoutSeconds,
    headers,
    method,
    format,
    previousSecret,
    tls,
    auth: "signature",
  } as const;
  return secret === undefined ? settings : { ...settings, secret };
}

/** A tool call that is to be asked. */
export type ToolCall = {
  tool: Pick<Tool, "name" | "staticParameters">;
  server: ToolServer;
  callId: string;
  /** Our id of it: the idempotency key, the same on a retry. */
  toolCallId: string;
  arguments: JsonObject;
  /** The `function-call` message, for the format `envelope`; its parameters hold the static ones already. */
  envelope: Readonly<Record<string, unknown>>;
};

export type ToolRequest = Pick<EgressRequest, "url" | "method" | "headers"> & { body: string };

/** Writes the HTTP request of a tool call (contract 4.2). GET and DELETE have no body: their arguments are in the query. */
export function toolRequest(
  call: ToolCall,
  of: { attempt: number; nowMs: number; traceparent: string },
): ToolRequest {
  const { server, tool } = call;
  const inQuery = server.method === "GET" || server.method === "DELETE";
  const body = inQuery
    ? ""
    : JSON.stringify(server.format === "envelope" ? { message: call.envelope } : argumentsOf(call));
  const extra = {
    [wireHeaders.callId]: call.callId,
    [wireHeaders.toolCallId]: call.toolCallId,
    [wireHeaders.toolName]: tool.name,
  };
  return {
    url: inQuery ? withQuery(server.url, argumentsOf(call)) : server.url,
    method: server.method,
    headers: signedHeaders({ ...of, id: call.toolCallId, body, server, extra }),
    body,
  };
}

function argumentsOf(call: ToolCall): JsonObject {
  return withStatic(call.tool, call.arguments);
}

/**
 * Adds arguments to a URL: text as it is, everything else as JSON. What the
 * URL has already stays, so that a model cannot change a key that is in it.
 */
function withQuery(url: string, given: JsonObject): string {
  const full = URL.parse(url);
  if (full === null) return url;
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (!full.searchParams.has(name))
      added.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  // The URL's own query is left as it was written: it may be signed.
  full.search = [full.search.slice(1), added.toString()].filter((part) => part !== "").join("&");
  return full.href;
}
