import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { McpTools } from "@offhook/protocol";
import manifest from "../../package.json" with { type: "json" };

/** What one answer of an MCP server may hold. */
export const mcpAnswerBytesMax = 1_048_576;
/** The handshake may take so long. */
const openMaxMs = 5_000;

/** An answer of more than {@link mcpAnswerBytesMax}. */
export class McpAnswerTooLarge extends Error {
  override readonly name = "McpAnswerTooLarge";
}

/** An answer that redirects: it is not followed. */
export class McpRedirect extends Error {
  override readonly name = "McpRedirect";
}

/** A session; what is in `breaks` is told when an answer breaks off on its way. */
export type McpSession = { client: Client; breaks: Set<(error: Error) => void> };

/** Opens a session with an MCP server over Streamable HTTP, through a `fetch` that checks where it connects. */
export async function openMcpClient(
  { fetch }: { fetch: typeof globalThis.fetch },
  server: McpTools["server"],
): Promise<McpSession> {
  const breaks = new Set<(error: Error) => void>();
  const broke = (error: Error): void => {
    for (const tell of breaks) tell(error);
  };
  const client = new Client({ name: "offhook", version: manifest.version });
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    fetch: onTerms(fetch, broke),
    requestInit: { headers: headersOf(server) },
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
    },
  });
  await client.connect(transport, { timeout: openMaxMs });
  // The client would wait on for an answer whose stream has ended without it.
  const onerror = (error: Error): void =>
    /stream disconnected/iu.test(error.message) ? broke(error) : undefined;
  Object.assign(client, { onerror });
  return { client, breaks };
}

function headersOf({ secret, headers }: McpTools["server"]): Record<string, string> {
  const hasOwn = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return secret === undefined || hasOwn ? { ...headers } : { ...headers, authorization: `Bearer ${secret}` };
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Our terms around a `fetch`: no redirect, an end to every body, and no stream that lasts as long as the call and holds a connection. */
function onTerms(fetch: typeof globalThis.fetch, broke: (error: Error) => void): Fetch {
  return async (url, init = {}) => {
    // The stream for what the server says of itself is optional: 405 is the protocol's word for "none".
    if ((init.method ?? "GET") === "GET") return new Response(null, { status: 405 });
    const response = await fetch(url, { ...init, redirect: "manual" });
    if (response.status < 300 || response.status >= 400) return bounded(response, broke);
    await response.body?.cancel();
    throw new McpRedirect(`redirect (${response.status})`);
  };
}

function bounded(response: Response, broke: (error: Error) => void): Response {
  if (response.body === null) return response;
  let bytes = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(part, controller) {
      bytes += part.byteLength;
      if (bytes <= mcpAnswerBytesMax) return controller.enqueue(part);
      const error = new McpAnswerTooLarge(`more than ${mcpAnswerBytesMax} bytes`);
      broke(error);
      controller.error(error);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(count), { status, statusText, headers });
}
