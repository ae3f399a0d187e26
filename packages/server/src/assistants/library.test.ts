import { type AssistantBody, defaultTeam, mask, type ServerTls, type TeamId } from "@offhook/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.ts";
import { type Assistants, openAssistants } from "./assistants.ts";
import { type Kept, shown } from "./library.ts";

const ours = defaultTeam;
const theirs = "theirs" as TeamId;
const all = { offset: 0, limit: 100 };

let clock: VirtualClock;
let store: Store;
let library: Assistants;

beforeEach(() => {
  clock = virtualClock(Date.parse("2026-03-02T09:00:00.000Z"));
  store = openLocalStore();
  const checkAddress = async (url: string) =>
    new URL(url).hostname.endsWith(".example") ? undefined : "it is forbidden";
  const checkTls = ({ ca }: ServerTls) =>
    ca?.includes("torn") === true ? [{ path: "/ca", message: "certificate 1 cannot be read" }] : [];
  library = openAssistants({ store, clock, random: seededRandom(), checkAddress, checkTls });
  return () => store.close();
});

async function add(given: object, teamId = ours): Promise<Kept<AssistantBody>> {
  const added = await library.assistants.add(teamId, given);
  if ("refused" in added) throw new Error(JSON.stringify(added));
  return added.item;
}

async function patch(id: string, given: object, teamId = ours) {
  return library.assistants.patch({ teamId, id }, given as never);
}

const secretive = {
  name: "Ada",
  assistantServer: {
    url: "https://app.example/events",
    secret: "secret of Ada's server",
    headers: { Authorization: "Bearer 1234", accept: "text/plain" },
  },
  tools: [
    { name: "a", server: { url: "https://a.example", secret: "secret of tool a" } },
    {
      type: "function",
      function: { name: "b" },
      server: { url: "https://b.example", secret: "secret of tool b" },
    },
  ],
  metadata: { apiKey: { id: 4711 }, order: 7 },
};

describe("what is added", () => {
  test("is completed with defaults, an id and times, and found again", async () => {
    const item = await add({ name: "Ada", unknown: { kept: true } });
    expect(item).toMatchObject({ name: "Ada", unknown: { kept: true }, assistantMaxTokens: 256 });
    expect(item._id).toMatch(/^asst-[0-9a-f-]{36}$/u);
    expect([item.createdAt, item.updatedAt]).toEqual([
      "2026-03-02T09:00:00.000Z",
      "2026-03-02T09:00:00.000Z",
    ]);
    expect(await library.assistants.find(ours, item._id)).toEqual(item);
  });

  test("has its own id and times, whatever ones it was sent with", async () => {
    const item = await add({ name: "Ada", _id: "mine", createdAt: "1999", updatedAt: 5 });
    expect(item._id).toMatch(/^asst-/u);
    expect([item.createdAt, item.updatedAt]).toEqual([
      "2026-03-02T09:00:00.000Z",
      "2026-03-02T09:00:00.000Z",
    ]);
  });

  test("has an id that says what it is", async () => {
    const [tool, number] = [
      await library.tools.add(ours, { name: "a" }),
      await library.numbers.add(ours, { number: "+1" }),
    ];
    expect([tool, number]).toMatchObject([
      { item: { _id: expect.stringMatching(/^tool-/u) } },
      { item: { _id: expect.stringMatching(/^num-/u) } },
    ]);
  });

  test("is listed, the newest first, by pages", async () => {
    for (const name of ["first", "second", "third"]) {
      await add({ name });
      await clock.advance(1_000);
    }
    const names = async (offset: number, limit: number) => {
      const { items, totalCount } = await library.assistants.list(ours, { offset, limit });
      return [items.map((item) => item.name), totalCount];
    };
    expect(await names(0, 100)).toEqual([["third", "second", "first"], 3]);
    expect(await names(1, 1)).toEqual([["second"], 3]);
    expect(await names(3, 5)).toEqual([[], 3]);
  });

  test("is gone once it is removed, and can be removed only once", async () => {
    const { _id } = await add({ name: "Ada" });
    expect([await library.assistants.remove(ours, _id), await library.assistants.remove(ours, _id)]).toEqual([
      true,
      false,
    ]);
    expect(await library.assistants.find(ours, _id)).toBeUndefined();
    expect(await patch(_id, { name: "Bea" })).toBeUndefined();
  });
});

describe("nothing is stored", () => {
  const forbidden = "http://169.254.169.254/";

  test.each<[string, unknown, string, string[]]>([
    ["that does not fit", { name: "", tools: [{ name: "a b" }] }, "invalid", ["/name", "/tools/0/name"]],
    ["that is no object", ["Ada"], "invalid", [""]],
    ["that is nothing", undefined, "invalid", [""]],
    [
      "with the mask for a secret",
      { ...secretive, assistantServer: { url: "https://app.example", secret: mask } },
      "invalid",
      ["/assistantServer/secret"],
    ],
    [
      "that would be told where it is forbidden",
      { name: "Ada", assistantServer: { url: forbidden } },
      "forbidden-address",
      ["/assistantServer/url"],
    ],
    [
      "whose model is where it is forbidden",
      { name: "Ada", assistantLLMUrl: forbidden },
      "forbidden-address",
      ["/assistantLLMUrl"],
    ],
    [
      "whose tools are where it is forbidden",
      {
        name: "Ada",
        tools: [
          { name: "a" },
          { name: "b", server: { url: forbidden } },
          { type: "function", function: { name: "c" }, server: { url: forbidden } },
        ],
      },
      "forbidden-address",
      ["/tools/1/server/url", "/tools/2/server/url"],
    ],
  ])("%s", async (_, given, refused, paths) => {
    const answer = await library.assistants.add(ours, given);
    expect(answer).toMatchObject({ refused, detail: expect.stringMatching(/\.$/u) });
    expect("errors" in answer ? answer.errors?.map(({ path }) => path) : []).toEqual(paths);
    expect(await library.assistants.list(ours, all)).toEqual({ items: [], totalCount: 0 });
  });

  test("of a tool or a number that is refused either", async () => {
    expect(await library.tools.add(ours, { name: "a", server: { url: forbidden } })).toMatchObject({
      refused: "forbidden-address",
      errors: [{ path: "/server/url" }],
    });
    expect(
      await library.tools.add(ours, { type: "function", function: { name: "a" }, server: {} }),
    ).toMatchObject({ errors: [{ path: "/server/url" }] });
    expect(await library.numbers.add(ours, {})).toMatchObject({
      refused: "invalid",
      errors: [{ path: "/number" }],
    });
    expect([await library.tools.list(ours, all), await library.numbers.list(ours, all)]).toMatchObject([
      { totalCount: 0 },
      { totalCount: 0 },
    ]);
  });

  test.each<[string, object]>([
    ["does not fit", { name: null }],
    ["leads where it is forbidden", { name: "Bea", assistantLLMUrl: forbidden }],
    ["leads a tool where it is forbidden", { tools: [{ name: "a", server: { url: forbidden } }] }],
    ["asks to keep a secret that there is none of", { assistantServer: { headers: { "x-api-key": mask } } }],
  ])("of a change that %s", async (_, change) => {
    const before = await add(secretive);
    await clock.advance(1_000);
    expect(await patch(before._id, change)).toMatchObject({
      refused: expect.stringMatching(/^(?:invalid|forbidden-address)$/u),
    });
    expect(await library.assistants.find(ours, before._id)).toEqual(before);
  });
});

describe("a change", () => {
  test("changes what it names and the time, and leaves the rest", async () => {
    const before = await add(secretive);
    await clock.advance(1_000);
    const changed = await patch(before._id, {
      name: "Bea",
      assistantServer: { timeoutSeconds: 5 },
      metadata: { order: null },
    });
    const after = {
      ...before,
      name: "Bea",
      assistantServer: { ...before.assistantServer, timeoutSeconds: 5 },
      metadata: { apiKey: { id: 4711 } },
      updatedAt: "2026-03-02T09:00:01.000Z",
    };
    expect(changed).toEqual({ item: after });
    expect(await library.assistants.find(ours, before._id)).toEqual(after);
  });

  test("brings the default back for what it removes", async () => {
    const { _id } = await add({ name: "Ada", assistantMaxTokens: 9, extra: 1 });
    expect(await patch(_id, { assistantMaxTokens: null, extra: null })).toMatchObject({
      item: { assistantMaxTokens: 256 },
    });
    expect(await library.assistants.find(ours, _id)).not.toHaveProperty("extra");
  });

  test("of what it was shown, masks and all, is no change", async () => {
    const before = await add(secretive);
    expect(await patch(before._id, shown(before))).toEqual({ item: before });
  });

  test("keeps the secret of each tool with that tool, when one is taken out and they change places", async () => {
    const before = await add({
      ...secretive,
      tools: [
        ...secretive.tools,
        { name: "c", server: { url: "https://c.example", secret: "secret of tool c" } },
      ],
    });
    const [, b, c] = shown(before).tools;
    await patch(before._id, { tools: [c, b] });
    const after = await library.assistants.find(ours, before._id);
    expect(after?.tools).toMatchObject([
      { name: "c", server: { secret: "secret of tool c" } },
      { function: { name: "b" }, server: { secret: "secret of tool b" } },
    ]);
  });

  test("puts a new secret in the place of the old one", async () => {
    const { _id } = await add(secretive);
    await patch(_id, { assistantServer: { secret: "a fresh secret", headers: { Authorization: null } } });
    const after = await library.assistants.find(ours, _id);
    expect(after?.assistantServer).toMatchObject({
      secret: "a fresh secret",
      headers: { accept: "text/plain" },
    });
    expect(after?.assistantServer?.headers).not.toHaveProperty("Authorization");
  });
});

describe("what is shown", () => {
  test("has masks for secrets, whatever they are, and is otherwise what is stored", async () => {
    const item = await add(secretive);
    const answer = shown(item);
    expect(answer).toMatchObject({
      _id: item._id,
      assistantServer: {
        url: "https://app.example/events",
        secret: mask,
        headers: { Authorization: mask, accept: "text/plain" },
      },
      tools: [
        { name: "a", server: { url: "https://a.example", secret: mask } },
        { function: { name: "b" }, server: { secret: mask } },
      ],
      metadata: { apiKey: mask, order: 7 },
    });
    expect(JSON.stringify(answer)).not.toMatch(/secret of|Bearer|4711/u);
  });

  test("is not what the server itself finds", async () => {
    const { _id } = await add(secretive);
    expect(await library.assistants.find(ours, _id)).toMatchObject({
      assistantServer: { secret: "secret of Ada's server" },
    });
  });
});

describe("a team", () => {
  test("neither sees, changes nor removes what is another's", async () => {
    const item = await add({ name: "Ada" });
    expect(await library.assistants.find(theirs, item._id)).toBeUndefined();
    expect(await library.assistants.list(theirs, all)).toEqual({ items: [], totalCount: 0 });
    expect(await patch(item._id, { name: "Eve" }, theirs)).toBeUndefined();
    expect(await library.assistants.remove(theirs, item._id)).toBe(false);
    expect(await library.assistants.find(ours, item._id)).toEqual(item);
  });

  test("has its own list", async () => {
    await add({ name: "Ada" });
    await add({ name: "Bea" }, theirs);
    expect((await library.assistants.list(theirs, all)).items.map(({ name }) => name)).toEqual(["Bea"]);
  });

  test("keeps assistants, tools and numbers apart", async () => {
    const { _id } = await add({ name: "Ada" });
    expect([await library.tools.find(ours, _id), await library.numbers.find(ours, _id)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await library.tools.remove(ours, _id)).toBe(false);
  });
});
