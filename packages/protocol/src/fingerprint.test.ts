import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  assistantBody,
  assistantTool,
  attempt,
  callWithMessages,
  connectBody,
  control,
  conversationBody,
  delivery,
  eventView,
  fault,
  happening,
  liveCommand,
  liveUpdate,
  problem,
  saidView,
  keyBody,
  newKeyView,
  sayBody,
  serverMessage,
  sessionView,
  signInBody,
  tellOf,
  toolAnswer,
  wireHeaders,
} from "./protocol.ts";

/** Where the fingerprint is kept, and what to do when the wire no longer has it. */
const kept = "fingerprint.txt";
const advice = [
  "The wire has changed: an application, a client or a journal may no longer be understood.",
  "If that was not meant, take it back. If it was, say under Unreleased in CHANGELOG.md what changed on the wire,",
  "raise the version (a new optional field is a minor one, all else a major one), and write the new fingerprint:",
  "npx vitest run packages/protocol/src/fingerprint.test.ts --update",
].join("\n");

/** All that crosses a border: to the application, to a client, or to the next start of the server. */
const bodies: Record<string, z.ZodType> = {
  ...named("message", serverMessage.options),
  "tool-answer": toolAnswer,
  control,
  assistant: assistantBody,
  tool: assistantTool,
  connect: connectBody,
  conversation: conversationBody,
  say: sayBody,
  "sign-in": signInBody,
  session: sessionView,
  key: keyBody,
  "new-key": newKeyView,
  said: saidView,
  call: callWithMessages,
  event: eventView,
  delivery,
  attempt,
  problem,
  fault,
  "live-command": liveCommand,
  "live-update": liveUpdate,
  ...named("entry", happening.options),
};

function named(kind: string, options: readonly z.ZodObject<{ type: z.ZodLiteral<string> }>[]) {
  return Object.fromEntries(options.map((option) => [`${kind} ${option.shape.type.value}`, option]));
}

/** A schema as it is read and as it is written; what is optional in one need not be so in the other. */
function schemaOf(body: z.ZodType): unknown {
  return [z.toJSONSchema(body, { io: "input" }), z.toJSONSchema(body, { io: "output" })].map(plain);
}

/** Without what does not show on the wire: the order of names, and words for people. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name, item]) => !isForPeople(name, item));
  const sorted = fields.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, item]) => [name, isSet(name, item) ? item.toSorted() : plain(item)]),
  );
}

function isForPeople(name: string, item: unknown): boolean {
  return name === "$schema" || (name === "description" && typeof item === "string");
}

function isSet(name: string, item: unknown): item is string[] {
  return (
    (name === "required" || name === "enum") &&
    Array.isArray(item) &&
    item.every((one) => typeof one === "string")
  );
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function fingerprint(): string {
  const lines = Object.entries(bodies).map(([name, body]) => `${name} ${hashOf(schemaOf(body))}`);
  const told = happening.options.map(
    ({ shape }) => `${shape.type.value} ${tellOf(shape.type.value) ?? "inside"}`,
  );
  lines.push(`headers ${hashOf(plain(wireHeaders))}`, `tells ${hashOf(told.toSorted())}`);
  return `${[`all ${hashOf(lines.toSorted())}`, ...lines].join("\n")}\n`;
}

describe("the wire", () => {
  test("is the one that was agreed on", async () => {
    await expect(fingerprint(), advice).toMatchFileSnapshot(kept);
  });

  test("has the same fingerprint each time", () => {
    expect(fingerprint()).toBe(fingerprint());
  });
});

describe("the fingerprint of a body", () => {
  const before = z.object({ name: z.string(), kind: z.enum(["a", "b"]), size: z.number().optional() });
  const hash = (body: z.ZodType): string => hashOf(schemaOf(body));

  test.each<[string, z.ZodType]>([
    [
      "the order of its fields changes",
      z.object({ size: z.number().optional(), kind: z.enum(["a", "b"]), name: z.string() }),
    ],
    ["the order of the words of a list changes", before.extend({ kind: z.enum(["b", "a"]) })],
    [
      "it is described",
      before.extend({ name: z.string().describe("What people call it") }).describe("A thing"),
    ],
  ])("stays when %s", (_, after) => {
    expect(hash(after)).toBe(hash(before));
  });

  test.each<[string, z.ZodType]>([
    ["a field is added", before.extend({ more: z.string().optional() })],
    ["a field is taken away", before.omit({ size: true })],
    ["a field is renamed", before.omit({ name: true }).extend({ title: z.string() })],
    ["a field may be missing", before.partial({ name: true })],
    ["a field may no longer be missing", before.required()],
    ["a field may be null", before.extend({ name: z.string().nullable() })],
    ["a type changes", before.extend({ size: z.string().optional() })],
    ["a list has another word", before.extend({ kind: z.enum(["a", "b", "c"]) })],
    ["a limit changes", before.extend({ name: z.string().max(9) })],
    ["a default changes", before.extend({ name: z.string().default("x") })],
    ["other fields are kept", before.loose()],
    ["a field has the name of a word for people", before.extend({ description: z.string() })],
  ])("changes when %s", (_, after) => {
    expect(hash(after)).not.toBe(hash(before));
  });
});
