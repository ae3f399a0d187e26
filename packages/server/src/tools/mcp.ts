import type { McpTools, Tool, ToolOutcome } from "@offhook/protocol";
import { CallToolResultSchema, ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { type Clock, timedOut, within } from "../clock.ts";
import { mcpFailure, mcpFault, isLostSession, understandMcp } from "./mcp-answer.ts";
import { type McpSession, openMcpClient } from "./mcp-client.ts";
import { type Listed, type Mcp, mcpListMaxMs } from "./mcp-port.ts";
import { toolsOfMcp } from "./mcp-tools.ts";
import { failure } from "./understand.ts";

/** Pages of tools that are read of one server. */
const pagesMax = 10;

export type McpParts = { fetch: typeof fetch; clock: Clock };

export function openMcp(parts: McpParts): Mcp {
  return new McpRoom(parts);
}

type Server = McpTools["server"];
type Session = Promise<McpSession>;

class McpRoom implements Mcp {
  readonly #parts: McpParts;
  readonly #sessions = new Map<string, Map<string, Session>>();

  constructor(parts: McpParts) {
    this.#parts = parts;
  }

  list(callId: string, servers: readonly McpTools[]): Promise<Listed[]> {
    return Promise.all(servers.map((server) => this.#list(callId, server)));
  }

  async #list(callId: string, from: McpTools): Promise<Listed> {
    const { clock } = this.#parts;
    const startedAt = clock.now();
    const stop = new AbortController();
    try {
      const read = await within(clock, mcpListMaxMs, this.#read(callId, from.server, stop.signal));
      const elapsedMs = clock.now() - startedAt;
      if (read !== timedOut) return { ...toolsOfMcp(read, from), elapsedMs };
      return {
        tools: [],
        elapsedMs,
        fault: `The MCP server did not list its tools within ${mcpListMaxMs / 1_000} s.`,
      };
    } catch (error) {
      return { tools: [], elapsedMs: clock.now() - startedAt, fault: mcpFault(error) };
    } finally {
      stop.abort();
    }
  }

  async #read(callId: string, server: Server, signal: AbortSignal) {
    const session = await this.#session(callId, server);
    const tools = [];
    let cursor: string | undefined;
    for (let page = 0; page < pagesMax; page += 1) {
      const request = { method: "tools/list", params: cursor === undefined ? {} : { cursor } } as const;
      const asked = session.client.request(request, ListToolsResultSchema, { timeout: mcpListMaxMs, signal });
      const listed = await unlessBroken(session, asked);
      tools.push(...listed.tools);
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    return tools;
  }

  async call(callId: string, tool: Tool, given: Record<string, unknown>): Promise<ToolOutcome> {
    const { clock } = this.#parts;
    const { server } = tool;
    if (server === undefined) return failure("no-server", `${tool.name} has no MCP server.`);
    const timeoutMs = server.timeoutSeconds * 1_000;
    const stop = new AbortController();
    try {
      const asked = this.#ask({ callId, server, name: tool.name, given, signal: stop.signal, timeoutMs });
      const result = await within(clock, timeoutMs, asked);
      if (result !== timedOut) return understandMcp(tool.name, result);
      return failure("timed-out", `${tool.name} did not answer within ${server.timeoutSeconds} s.`);
    } catch (error) {
      return mcpFailure(tool.name, error);
    } finally {
      stop.abort();
    }
  }

  /** Calls once; once more only where the server says that it has forgotten the session, and so did nothing. */
  async #ask(ask: Ask) {
    try {
      return await this.#send(ask);
    } catch (error) {
      if (!isLostSession(error)) throw error;
      this.#forget(ask.callId, ask.server);
      return this.#send(ask);
    }
  }

  async #send({ callId, server, name, given, signal, timeoutMs }: Ask) {
    const session = await this.#session(callId, server);
    const request = { method: "tools/call", params: { name, arguments: given } } as const;
    return unlessBroken(
      session,
      session.client.request(request, CallToolResultSchema, { timeout: timeoutMs, signal }),
    );
  }

  #session(callId: string, server: Server): Session {
    const ofCall = this.#sessions.get(callId) ?? new Map<string, Session>();
    this.#sessions.set(callId, ofCall);
    const key = keyOf(server);
    const known = ofCall.get(key);
    if (known !== undefined) return known;
    const opened = openMcpClient(this.#parts, server);
    ofCall.set(key, opened);
    // One that could not be opened is tried anew the next time.
    opened.catch(() => ofCall.delete(key));
    return opened;
  }

  #forget(callId: string, server: Server): void {
    this.#sessions.get(callId)?.delete(keyOf(server));
  }

  leave(callId: string): void {
    const sessions = [...(this.#sessions.get(callId)?.values() ?? [])];
    this.#sessions.delete(callId);
    for (const session of sessions) void session.then(closeQuietly, () => undefined);
  }
}

type Ask = {
  callId: string;
  server: Server;
  name: string;
  given: Record<string, unknown>;
  signal: AbortSignal;
  timeoutMs: number;
};

function keyOf({ url, secret = "", headers }: Server): string {
  return JSON.stringify([url, secret, headers]);
}

/** Fails as soon as an answer of the session breaks off: it may be this one. */
function unlessBroken<Value>({ breaks }: McpSession, asked: Promise<Value>): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  breaks.add(reject);
  asked.then(resolve, reject).finally(() => breaks.delete(reject));
  return promise;
}

function closeQuietly({ client }: McpSession): Promise<void> {
  return client.close().catch(() => undefined);
}
