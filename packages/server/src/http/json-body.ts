import type { Fault, Refusal } from "@offhook/protocol";
import type { Context, MiddlewareHandler } from "hono";
import type { Env } from "./parts.ts";
import { invalid, refuse } from "./problem.ts";

/** Limits of a body. */
const bodyLimits = {
  /** Bytes, whether their number was announced or not. */
  bytesMax: 1024 * 1024,
  /** Bytes of a body that is too large that are read all the same, and thrown away. */
  drainedMax: 16 * 1024 * 1024,
  /** Objects and arrays inside each other. */
  depthMax: 64,
} as const;

/**
 * Lets bodies pass that are JSON in UTF-8, of a bearable size and depth; their
 * schema is checked after it.
 */
export const acceptJson: MiddlewareHandler<Env> = async (context, next) => {
  const type = mediaFault(context.req.header("content-type"), context.req.header("content-encoding"));
  if (type !== undefined) return refuse(context, { refused: "unsupported-media-type", detail: type });
  const bytes = await readBytes(context).catch(() => "broken" as const);
  if (bytes === undefined) return refuse(context, tooLarge);
  const read = bytes === "broken" ? { fault: "The body did not come whole." } : readJson(bytes);
  if ("fault" in read) return refuse(context, { refused: "invalid", detail: read.fault }, 400);
  const faults = faultsOfJson(read.value);
  return faults.length > 0 ? refuse(context, invalid(faults)) : next();
};

const tooLarge: Refusal = {
  refused: "too-large",
  detail: `The body is larger than ${bodyLimits.bytesMax / 1024} KiB: send less at a time.`,
};

/** The body; `undefined` when it is too large. One that says so itself is not touched, so that it can be thrown away. */
async function readBytes(context: Context<Env>): Promise<ArrayBuffer | undefined> {
  const announced = context.req.header("content-length");
  if (announced !== undefined)
    return Number(announced) > bodyLimits.bytesMax ? undefined : context.req.arrayBuffer();
  const bytes = await gather(context.req.raw.body);
  if (bytes === undefined) {
    context.header("connection", "close");
    return undefined;
  }
  context.req.raw = new Request(context.req.raw, { method: context.req.method, body: bytes });
  return context.req.arrayBuffer();
}

/** A body of unknown length is read to its end where that is not too far, for only then will everybody hear the refusal. */
async function gather(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
    size += piece.value.length;
    if (size > bodyLimits.drainedMax) break;
    if (size <= bodyLimits.bytesMax) pieces.push(piece.value);
  }
  return size > bodyLimits.bytesMax ? undefined : new Uint8Array(Buffer.concat(pieces));
}

const jsonType = /^application\/(?:merge-patch\+)?json(?:\s*;\s*charset="?utf-?8"?)?\s*$/iu;

function mediaFault(type: string | undefined, encoding: string | undefined): string | undefined {
  if (encoding !== undefined && encoding !== "identity")
    return "Send the body as it is, without content-encoding.";
  if (type !== undefined && jsonType.test(type)) return undefined;
  return "Send the body as JSON in UTF-8, with `content-type: application/json`.";
}

function readJson(bytes: ArrayBuffer): { value: unknown } | { fault: string } {
  if (bytes.byteLength === 0) return { fault: "The body is empty: send a JSON object." };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: `The body is not JSON: ${error.message}.` };
    return { fault: "The body is not UTF-8." };
  }
}

type Place = { value: unknown; path: string; depth: number };

/**
 * What JSON can say and a server should not take: nesting without end, numbers
 * that become infinite, and names that have a meaning in JavaScript. Walks
 * without recursion, for the nesting is what it looks for.
 */
function faultsOfJson(root: unknown): Fault[] {
  const faults: Fault[] = [];
  const places: Place[] = [{ value: root, path: "", depth: 1 }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, path, depth } = place;
    if (value === Infinity || value === -Infinity) faults.push({ path, message: "the number is too large" });
    if (typeof value !== "object" || value === null) continue;
    if (depth > bodyLimits.depthMax) {
      faults.push({ path, message: `nested more than ${bodyLimits.depthMax} deep` });
      continue;
    }
    for (const [name, item] of Object.entries(value)) {
      const inner = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (name === "__proto__") faults.push({ path: inner, message: "a field cannot have this name" });
      else places.push({ value: item, path: inner, depth: depth + 1 });
    }
  }
  return faults;
}
