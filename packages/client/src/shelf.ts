import {
  type assistantBody,
  jsonObject,
  pageOf,
  type Page,
  type RotatedSecret,
  rotatedSecret,
  type rotateSecretBody,
  type toolDefinition,
  toolTrial,
  type ToolTrial,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { everyItem } from "./pages.ts";
import { type Connection, nothing, pathOf, request } from "./request.ts";

/** What may be sent where a schema stands: fields with a default may be left out. */
export type InputOf<Body extends { _zod: { input: unknown } }> = Body["_zod"]["input"];

export type AssistantInput = InputOf<typeof assistantBody>;
export type ToolInput = InputOf<typeof toolDefinition>;
/** A number that the server answers, and which assistant answers it. */
export type NumberInput = {
  number: string;
  provider?: { name: string };
  assistantId?: string;
  [field: string]: unknown;
};

/** Which page of a list, counted from 1, and how many items it holds (1 to 200; 20 if not said). */
export type PageQuery = { page?: number; size?: number };

/** A stored thing as the server shows it: what was sent, completed with its defaults; secrets are masked. */
export type Kept = {
  _id: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt: string;
  [field: string]: unknown;
};

/**
 * What a team keeps of one kind. Every method answers as {@link Answer} says.
 *
 * @example
 * const made = await client.assistants.create({ name: "Reception", assistantModel: "gpt-4.1-mini" });
 * if (made.ok) await client.assistants.update(made.value._id, { welcomeMessage: "Hello!" });
 */
export type Shelf<Input> = {
  /** Refused with `invalid` (every fault by path) or `forbidden-address`. */
  create(body: Input): Promise<Answer<Kept>>;
  /** The newest first. */
  list(query?: PageQuery): Promise<Answer<Page<Kept>>>;
  /** The same over all pages, one a turn; only the last turn may be a problem. */
  each(query?: PageQuery): AsyncIterable<Answer<Kept>>;
  /** Refused with `not-found`. */
  get(id: string): Promise<Answer<Kept>>;
  /** A JSON Merge Patch (RFC 7396): null removes a field; a masked secret keeps the stored one. */
  update(id: string, patch: Record<string, unknown>): Promise<Answer<Kept>>;
  /** Refused with `not-found`. */
  remove(id: string): Promise<Answer<undefined>>;
};

const kept = jsonObject.transform((given, context): Kept => {
  const text = (name: string): string => {
    const value = given[name];
    if (typeof value === "string") return value;
    context.issues.push({ code: "custom", path: [name], message: "a text is missing", input: value });
    return "";
  };
  return { ...given, _id: text("_id"), createdAt: text("createdAt"), updatedAt: text("updatedAt") };
});

export function openShelf<Input>(connection: Connection, path: string): Shelf<Input> {
  const list: Shelf<Input>["list"] = (query) => request(connection, { path, query }, pageOf(kept));
  return {
    create: (body) => request(connection, { method: "POST", path, body }, kept),
    list,
    each: (query = {}) => everyItem(list, query),
    get: (id) => request(connection, { path: pathOf(path, id) }, kept),
    update: (id, patch) =>
      request(connection, { method: "PATCH", path: pathOf(path, id), body: patch }, kept),
    remove: (id) => request(connection, { method: "DELETE", path: pathOf(path, id) }, nothing),
  };
}

/** What a new secret is asked for with: the secret itself, if it is not to be made, and how long the one before signs too. */
export type RotateInput = InputOf<typeof rotateSecretBody>;

/** What of a server's secret can be changed over without a gap. */
export type Rotating = {
  /** Refused with `not-found`, or `invalid` when there is no server to have a secret. */
  rotateSecret(id: string, options?: RotateInput): Promise<Answer<RotatedSecret>>;
};

export function openRotating(connection: Connection, path: string): Rotating {
  return {
    rotateSecret: (id, body = {}) =>
      request(
        connection,
        { method: "POST", path: pathOf(path, id, "server", "rotate-secret"), body },
        rotatedSecret,
      ),
  };
}

/** What of a tool can be tried out. */
export type Trying = {
  /** Really calls the tool's own server, as a call would. Answers whatever the server does. */
  test(id: string, args?: Record<string, unknown>): Promise<Answer<ToolTrial>>;
};

export function openTrying(connection: Connection, path: string): Trying {
  return {
    test: (id, args = {}) =>
      request(
        connection,
        { method: "POST", path: pathOf(path, id, "test"), body: { arguments: args } },
        toolTrial,
      ),
  };
}
