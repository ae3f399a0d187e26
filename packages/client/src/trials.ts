import {
  type AuthMode,
  type Format,
  overview,
  type Overview,
  rotatedSecret,
  type RotatedSecret,
  sampleTrial,
  type SampleTrial,
  type TellType,
  toolTrial,
  type ToolTrial,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type Connection, pathOf, request } from "./request.ts";

/** A sample event: where to, which, and as an assistant's Server URL would have it. */
export type SampleInput = {
  url: string;
  type?: TellType | undefined;
  secret?: string | undefined;
  headers?: Record<string, string> | undefined;
  format?: Format | undefined;
  auth?: AuthMode | undefined;
  timeoutSeconds?: number | undefined;
};

/** How long the old secret signs too (24 hours if not said), and the new one if it is not to be made. */
export type RotateInput = { secret?: string | undefined; overlapHours?: number | undefined };

/** Trying out what a call would use. Each really sends, and answers whatever comes of it. */
export type Trials = {
  /**
   * Calls a stored tool's server with these arguments. Refused with
   * `not-found`, and with `invalid` when the tool has no server of its own.
   */
  tool(id: string, args: Record<string, unknown>): Promise<Answer<ToolTrial>>;
  /** Sends one event of an invented call. Refused with `invalid` or `forbidden-address`. */
  sample(body: SampleInput): Promise<Answer<SampleTrial>>;
};

/** Secrets of Server URLs and tools: a new one is shown once, and the old one signs beside it for a while. */
export type Secrets = {
  ofAssistant(id: string, body?: RotateInput): Promise<Answer<RotatedSecret>>;
  ofTool(id: string, body?: RotateInput): Promise<Answer<RotatedSecret>>;
};

const assistants = "/assistants/v1/assistants";
const tools = "/assistants/v1/tools";

export function openTrials(connection: Connection): Trials {
  return {
    tool: (id, args) =>
      request(
        connection,
        { method: "POST", path: pathOf(tools, id, "test"), body: { arguments: args } },
        toolTrial,
      ),
    sample: (body) => request(connection, { method: "POST", path: "/events/v1/test", body }, sampleTrial),
  };
}

export function openSecrets(connection: Connection): Secrets {
  const rotate = (base: string, id: string, body: RotateInput) =>
    request(
      connection,
      { method: "POST", path: pathOf(base, id, "server", "rotate-secret"), body },
      rotatedSecret,
    );
  return {
    ofAssistant: (id, body = {}) => rotate(assistants, id, body),
    ofTool: (id, body = {}) => rotate(tools, id, body),
  };
}

/** How the calls of the last minutes go (60 if not said, at most 1,440), and how the application is told of them. */
export type ReadOverview = (query?: { minutes?: number }) => Promise<Answer<Overview>>;

export function openOverview(connection: Connection): ReadOverview {
  return (query) => request(connection, { path: "/events/v1/overview", query }, overview);
}
