import { type AssistantBody, assistantBody, connectBody, defaultTeam, type TeamId } from "@offhook/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { type Assistants, openAssistants } from "./assistants.ts";
import { resolve, type Who } from "./resolve.ts";

const ours = defaultTeam;
const theirs = "theirs" as TeamId;
const forbidden = "http://169.254.169.254/";

let store: Store;
let library: Assistants;

beforeEach(() => {
  store = openLocalStore();
  const checkAddress = async (url: string) => (url === forbidden ? "it is forbidden" : undefined);
  library = openAssistants({
    store,
    clock: virtualClock(),
    random: seededRandom(),
    checkAddress,
    checkTls: () => [],
  });
  return () => store.close();
});

async function stored(kind: "assistants" | "tools", given: object, teamId = ours): Promise<string> {
  const added = await library[kind].add(teamId, given);
  if ("refused" in added) throw new Error(JSON.stringify(added));
  return added.item._id;
}

function inline(given: object): AssistantBody {
  return assistantBody.parse({ name: "Inline", ...given });
}

/** Who answers, as a connecting client names them. */
function who(given: Partial<Who> & { assistantOverrides?: object }): Who {
  const { assistantOverrides, ...rest } = given;
  const { assistantOverrides: overrides } = connectBody.parse({ assistantOverrides });
  return { teamId: ours, overrides, now: Date.parse("2026-03-02T23:59:59.999Z"), ...rest };
}

async function resolved(given: Parameters<typeof who>[0]) {
  const found = await resolve(library, who(given));
  if ("refused" in found) throw new Error(JSON.stringify(found));
  return found;
}

describe("who answers", () => {
  test("is the stored assistant that was named", async () => {
    const assistantId = await stored("assistants", { name: "Stored" });
    expect(await resolved({ assistantId })).toMatchObject({
      assistantId,
      assistant: { name: "Stored", tools: [] },
      missing: [],
    });
  });

  test("is the assistant that was sent along, without an id", async () => {
    expect(await resolved({ assistant: inline({}) })).toMatchObject({
      assistantId: null,
      assistant: { name: "Inline" },
    });
  });

  test("is the one sent along when both are given, even if the other does not exist", async () => {
    const assistantId = await stored("assistants", { name: "Stored" });
    for (const id of [assistantId, "asst-none"]) {
      expect(await resolved({ assistantId: id, assistant: inline({}) })).toMatchObject({
        assistantId: null,
        assistant: { name: "Inline" },
      });
    }
  });

  test.each<[string, () => Promise<Partial<Who>>, object]>([
    [
      "nobody was named",
      async () => ({}),
      { refused: "invalid", detail: expect.stringContaining("`assistantId`, or an inline `assistant`") },
    ],
    [
      "there is no such assistant",
      async () => ({ assistantId: "asst-none" }),
      {
        refused: "not-found",
        detail: expect.stringContaining("no assistant asst-none; GET /assistants/v1/assistants"),
      },
    ],
    [
      "it is another team's",
      async () => ({ assistantId: await stored("assistants", { name: "Theirs" }, theirs) }),
      { refused: "not-found" },
    ],
    [
      "it would call where it is forbidden",
      async () => ({ assistant: inline({ assistantServer: { url: forbidden } }) }),
      {
        refused: "forbidden-address",
        errors: [{ path: "/assistantServer/url", message: "it is forbidden" }],
      },
    ],
  ])("is refused when %s", async (_, given, refusal) => {
    expect(await resolve(library, who(await given()))).toMatchObject(refusal);
  });
});

describe("the tools", () => {
  test("are the inline ones and then the stored ones, all in one shape", async () => {
    const wrapped = await stored("tools", {
      type: "function",
      function: { name: "stored-wrapped", strict: true },
      server: { url: "https://a.example" },
    });
    const flat = await stored("tools", { name: "stored-flat" });
    const { assistant } = await resolved({
      assistant: inline({
        tools: [{ type: "function", function: { name: "inline" } }],
        assistantToolIds: [wrapped, flat],
      }),
    });
    expect(assistant.tools.map(({ name }) => name)).toEqual(["inline", "stored-wrapped", "stored-flat"]);
    expect(assistant.tools[1]).toMatchObject({
      _id: wrapped,
      strict: true,
      server: { url: "https://a.example", timeoutSeconds: 20 },
    });
    expect(assistant.tools.filter((tool) => "function" in tool)).toEqual([]);
  });

  test("of a stored assistant are those that are stored now", async () => {
    const tool = await stored("tools", { name: "before" });
    const assistantId = await stored("assistants", { name: "Stored", assistantToolIds: [tool] });
    await library.tools.patch({ teamId: ours, id: tool }, { name: "after" });
    expect((await resolved({ assistantId })).assistant.tools.map(({ name }) => name)).toEqual(["after"]);
  });

  test("are the team's own", async () => {
    const id = await stored("tools", { name: "theirs" }, theirs);
    const { assistant } = await resolved({ teamId: theirs, assistant: inline({ assistantToolIds: [id] }) });
    expect(assistant.tools.map(({ _id }) => _id)).toEqual([id]);
  });

  test("that do not exist, or are another team's, are refused by name", async () => {
    for (const id of ["tool-none", await stored("tools", { name: "a" }, theirs)]) {
      expect(await resolve(library, who({ assistant: inline({ assistantToolIds: [id] }) }))).toEqual({
        refused: "invalid",
        detail: `The assistant names tool ${id}, which does not exist: take it out of assistantToolIds, or add it again.`,
        errors: [{ path: "/assistantToolIds", message: `unknown tool ${id}` }],
      });
    }
  });

  test.each<[string, (id: string) => object]>([
    [
      "two inline ones",
      () => ({ tools: [{ name: "same" }, { type: "function", function: { name: "same" } }] }),
    ],
    ["an inline and a stored one", (id) => ({ tools: [{ name: "same" }], assistantToolIds: [id] })],
    ["a stored one that is named twice", (id) => ({ assistantToolIds: [id, id] })],
  ])("of the same name are refused: %s", async (_, given) => {
    const id = await stored("tools", { name: "same" });
    expect(await resolve(library, who({ assistant: inline(given(id)) }))).toEqual({
      refused: "invalid",
      detail: "Two tools are named same: a model tells tools apart by their names.",
    });
  });

  test("whose names differ in case only are two", async () => {
    expect(
      (await resolved({ assistant: inline({ tools: [{ name: "a" }, { name: "A" }] }) })).assistant.tools,
    ).toHaveLength(2);
  });
});

describe("overrides", () => {
  const base = {
    name: "Stored",
    welcomeMessage: "Hello",
    assistantMaxTokens: 9,
    metadata: { a: 1, b: 2 },
    assistantServer: { url: "https://app.example", secret: "the stored secret" },
  };

  test("change this call's assistant, field by field, and leave the stored one", async () => {
    const assistantId = await stored("assistants", base);
    const before = await library.assistants.find(ours, assistantId);
    const assistantOverrides = {
      welcomeMessage: "Hi",
      assistantMaxTokens: null,
      metadata: { b: null, c: 3 },
      assistantServer: { timeoutSeconds: 5 },
    };
    const { assistant } = await resolved({ assistantId, assistantOverrides });
    expect(assistant).toMatchObject({
      name: "Stored",
      welcomeMessage: "Hi",
      assistantMaxTokens: 256,
      metadata: { a: 1, c: 3 },
    });
    expect(assistant.assistantServer).toMatchObject({
      url: "https://app.example",
      secret: "the stored secret",
      timeoutSeconds: 5,
    });
    expect(assistant.metadata).not.toHaveProperty("b");
    expect(await library.assistants.find(ours, assistantId)).toEqual(before);
  });

  test("may bring tools along, inline and stored", async () => {
    const id = await stored("tools", { name: "stored" });
    const { assistant } = await resolved({
      assistant: inline({ tools: [{ name: "gone" }] }),
      assistantOverrides: { tools: [{ name: "new" }], assistantToolIds: [id] },
    });
    expect(assistant.tools.map(({ name }) => name)).toEqual(["new", "stored"]);
  });

  test("that are variables only leave the assistant as it is", async () => {
    const assistantId = await stored("assistants", base);
    const kept = await library.assistants.find(ours, assistantId);
    const { assistant } = await resolved({ assistantId, assistantOverrides: { dynamicVariables: { a: 1 } } });
    expect(assistant).toEqual(kept);
  });

  test.each<[string, object, object]>([
    [
      "do not fit",
      { assistantTemperature: 9, assistantServer: { url: "x" } },
      {
        refused: "invalid",
        errors: [
          { path: "/assistantOverrides/assistantTemperature" },
          { path: "/assistantOverrides/assistantServer/url" },
        ],
      },
    ],
    [
      "take the name away",
      { name: null },
      { refused: "invalid", errors: [{ path: "/assistantOverrides/name" }] },
    ],
    [
      "lead where it is forbidden",
      { assistantLLMUrl: forbidden },
      { refused: "forbidden-address", errors: [{ path: "/assistantLLMUrl" }] },
    ],
    [
      "lead a tool where it is forbidden",
      { tools: [{ name: "a", server: { url: forbidden } }] },
      { refused: "forbidden-address", errors: [{ path: "/tools/0/server/url" }] },
    ],
  ])("are refused when they %s", async (_, assistantOverrides, refusal) => {
    const assistantId = await stored("assistants", base);
    expect(await resolve(library, who({ assistantId, assistantOverrides }))).toMatchObject(refusal);
  });
});

describe("variables", () => {
  const texts = {
    assistantSystemPrompt: "Today is {{date}}. Serial number {{serial_number}}.",
    welcomeMessage: "Hello {{name}}!",
    endCallMessage: "Bye {{name}}.",
    idleMessages: ["{{name}}, are you there?", "Still {{name}}?"],
  };

  test("are filled into what the assistant says and is told", async () => {
    const { assistant, missing } = await resolved({
      assistant: inline(texts),
      assistantOverrides: { dynamicVariables: { name: "Ada", serial_number: 7 } },
    });
    expect(assistant).toMatchObject({
      assistantSystemPrompt: "Today is 2026-03-02. Serial number 7.",
      welcomeMessage: "Hello Ada!",
      endCallMessage: "Bye Ada.",
      idleMessages: ["Ada, are you there?", "Still Ada?"],
    });
    expect(missing).toEqual([]);
  });

  test("that nobody gave are named, each once, and leave nothing behind", async () => {
    const { assistant, missing } = await resolved({ assistant: inline(texts) });
    expect(missing.toSorted()).toEqual(["name", "serial_number"]);
    expect(assistant).toMatchObject({
      assistantSystemPrompt: "Today is 2026-03-02. Serial number .",
      welcomeMessage: "Hello !",
    });
  });

  test("may say another date", async () => {
    const { assistant } = await resolved({
      assistant: inline(texts),
      assistantOverrides: { dynamicVariables: { date: "Monday" } },
    });
    expect(assistant.assistantSystemPrompt).toContain("Today is Monday.");
  });

  test("are filled into overrides too", async () => {
    const { assistant } = await resolved({
      assistant: inline({}),
      assistantOverrides: { welcomeMessage: "Dear {{name}}", dynamicVariables: { name: "Ada" } },
    });
    expect(assistant.welcomeMessage).toBe("Dear Ada");
  });
});
