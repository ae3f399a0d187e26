import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offhook } from "@offhook/client";
import { afterAll, describe, expect, it } from "vitest";
import { connectInput } from "./connect-input.ts";

const folder = mkdtempSync(join(tmpdir(), "offhook-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of such assistants: two are called Twin, and “asst-1” is Ada. */
const assistants = [
  ["asst-1", "Ada"],
  ["asst-2", "Twin"],
  ["asst-3", "Twin"],
].map(([_id, name]) => ({ _id, name, createdAt: "", updatedAt: "" }));

const client = offhook({
  url: "http://server.example.org",
  apiKey: "k",
  async fetch(url) {
    const { pathname } = new URL(url instanceof Request ? url.url : url);
    const id = decodeURIComponent(pathname.split("/")[4] ?? "");
    if (id === "") return Response.json({ data: assistants, page: 1, size: 200, totalCount: 3 });
    const one = assistants.find(({ _id }) => _id === id);
    const unknown = { type: "", title: "", status: 404, detail: "Not there.", code: "not-found" };
    return one === undefined ? Response.json(unknown, { status: 404 }) : Response.json(one);
  },
});

function fileWith(text: string): string {
  const file = join(folder, `${text.length}.json`);
  writeFileSync(file, text);
  return file;
}

describe("what a call is placed with", () => {
  it.each([["asst-1"], ["Ada"]])(
    "is the assistant that %s names, with its variables and metadata",
    async (who) => {
      const input = await connectInput(client, who, {
        metadata: '{"order": 42}',
        var: ["who=Ada", "sum=1=1"],
      });
      expect(input).toEqual({
        assistantId: "asst-1",
        callType: "chat",
        metadata: { order: 42 },
        assistantOverrides: { dynamicVariables: { who: "Ada", sum: "1=1" } },
      });
    },
  );

  it("is the assistant in a file, which wins", async () => {
    const input = await connectInput(client, "Ada", {
      file: fileWith('{"name": "Grace", "custom": 7}'),
      var: [],
    });
    expect(input).toMatchObject({ assistant: { name: "Grace", custom: 7 } });
    expect(input).not.toHaveProperty("assistantId");
  });

  it.each([
    ["nobody", undefined, {}, 2, /Who is called/u],
    ["somebody unknown", "Eve", {}, undefined, /no assistant with the id or name “Eve”[^]*“Ada”, “Twin”/u],
    ["two of one name", "Twin", {}, undefined, /asst-2, asst-3/u],
    ["metadata that is no JSON", "Ada", { metadata: "a" }, 2, /--metadata is “a”/u],
    ["metadata that is no object", "Ada", { metadata: "[1]" }, 2, /--metadata is “\[1\]”/u],
    ["a variable without a value", "Ada", { var: ["who"] }, 2, /--var is “who”/u],
    [
      "a file that is not there",
      "Ada",
      { file: "/nowhere.json" },
      undefined,
      /nowhere\.json cannot be read/u,
    ],
    ["a file that is no JSON", "Ada", { file: fileWith("{") }, undefined, /cannot be read/u],
    [
      "a file without an assistant",
      "Ada",
      { file: fileWith('{"name": 7}') },
      undefined,
      /holds no assistant[^]*\/name/u,
    ],
  ])("cannot be %s", async (_name, who, wish, exitCode, sentence) => {
    const input = await connectInput(client, who, { var: [], ...wish });
    if (!("failure" in input)) throw new Error("it was taken");
    expect(input.failure).toMatch(sentence);
    expect(input.exitCode).toBe(exitCode);
  });
});
