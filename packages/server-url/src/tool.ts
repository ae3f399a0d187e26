import { faultsOf, type Json, type JsonObject } from "@offhook/protocol";
import { z } from "zod";
import { isObject } from "./reading/loose.ts";
import type { Envelope, ReadCall } from "./reading/received.ts";

/** What a tool is told beside its arguments. */
export type ToolContext = {
  name: string;
  /** The same on a retry; null from senders that give none. */
  toolCallId: string | null;
  callId: string | null;
  /** The call as it is; null where only the arguments were sent. */
  call: ReadCall | null;
  /** The call, customer and history so far; null where only the arguments were sent. */
  envelope: Envelope | null;
  /** The body as it came. */
  original: Json;
  /** Epoch ms of its arrival, by the receiver's `now`. */
  at: number;
  /** 1, 2 …, counted by the sender. */
  attempt: number;
  readonly headers: Headers;
  /** Aborted when the receiver has stopped waiting for the answer (`timeoutMs`, `toolMsMax`). */
  signal: AbortSignal;
};

type Shared = {
  /** What the model reads to decide when to use it. */
  description: string;
  /** Whether the conversation goes on at once, without the answer (contract 4.1). */
  async?: boolean;
  /**
   * Milliseconds; after it the model is told that there is no answer, and
   * `signal` is aborted. At most, and if not said, the receiver's `toolMsMax`.
   * Keep it below the `timeoutSeconds` of the server that asks.
   */
  timeoutMs?: number;
};

/**
 * Runs the tool. What it gives is answered as the result: text as it is,
 * anything else as JSON. `{error: "…"}` is a refusal that the model can speak
 * about; an `Error` that is thrown becomes one too.
 */
type Run<Arguments> = { run(args: Arguments, context: ToolContext): unknown };

export type ZodToolSpec<Schema extends z.ZodType> = Shared & { parameters: Schema } & Run<z.output<Schema>>;
/** With a plain JSON Schema the arguments are passed on unchecked. */
export type JsonToolSpec = Shared & { parameters: JsonObject } & Run<JsonObject>;

/** The arguments as the tool takes them, or a sentence about what does not fit. */
export type Checked =
  | { kind: "fits"; run(context: ToolContext): unknown }
  | { kind: "faulty"; sentence: string };

/** A tool that a receiver serves; made by {@link tool}. */
export type Tool = {
  description: string;
  async: boolean;
  /** null when it has no limit of its own. */
  timeoutMs: number | null;
  /** JSON Schema of the arguments. */
  parameters: JsonObject;
  check(args: unknown): Promise<Checked>;
};

/**
 * Makes a tool that the assistant can use.
 *
 * With a zod schema the arguments are validated and typed; what does not fit is
 * answered to the model, which can then ask again. Throws when the schema can
 * not be written as JSON Schema (a `z.date()`, for instance).
 *
 * @example
 * const findSlots = tool({
 *   description: "Free appointments on a day",
 *   parameters: z.object({ day: z.string().describe("such as 2026-11-24") }),
 *   run: ({ day }) => ({ slots: slotsOn(day) }),
 * });
 */
export function tool<Schema extends z.ZodType>(spec: ZodToolSpec<Schema>): Tool;
export function tool(spec: JsonToolSpec): Tool;
export function tool(spec: ZodToolSpec<z.ZodType> | JsonToolSpec): Tool {
  return isZodSpec(spec) ? validated(spec) : passedOn(spec);
}

function sharedOf(spec: Shared): Pick<Tool, "description" | "async" | "timeoutMs"> {
  const { description, async = false, timeoutMs } = spec;
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw new TypeError("tool: `timeoutMs` is a number of milliseconds above 0");
  return { description, async, timeoutMs: timeoutMs ?? null };
}

function isZodSpec(spec: ZodToolSpec<z.ZodType> | JsonToolSpec): spec is ZodToolSpec<z.ZodType> {
  return "_zod" in spec.parameters;
}

function validated(spec: ZodToolSpec<z.ZodType>): Tool {
  return {
    ...sharedOf(spec),
    parameters: jsonSchemaOf(spec.parameters),
    async check(args) {
      const parsed = await spec.parameters.safeParseAsync(args);
      if (parsed.success) return { kind: "fits", run: (context) => spec.run(parsed.data, context) };
      const faults = faultsOf(parsed.error).map(({ path, message }) =>
        path === "" ? message : `${path}: ${message}`,
      );
      return { kind: "faulty", sentence: faults.join("; ") };
    },
  };
}

/** Of the input, so that an argument with a default need not be given. */
function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const written: unknown = z.toJSONSchema(schema, { io: "input" });
  if (!isObject(written)) throw new TypeError("tool: the parameters have no JSON Schema");
  const { $schema: _, ...parameters } = written;
  return parameters;
}

function passedOn(spec: JsonToolSpec): Tool {
  return {
    ...sharedOf(spec),
    parameters: spec.parameters,
    async check(args) {
      if (!isObject(args)) return { kind: "faulty", sentence: "they are not a JSON object" };
      return { kind: "fits", run: (context) => spec.run(args, context) };
    },
  };
}
