import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestApplication, testApplication } from "../testing/application.ts";
import { clerk } from "../testing/assistants.ts";
import { good, type TestServer, testServer } from "../testing/server.ts";
import { type Said, typed } from "../testing/typed.ts";

const secret = "a secret for the trials";
let server: TestServer;
let application: TestApplication;
beforeAll(async () => {
  server = await testServer();
  application = await testApplication(secret);
});
afterAll(async () => {
  await application.close();
  await server.close();
});

const at = (...words: string[]): Promise<Said> => typed(...words, ...server.args);

function file(name: string, text: string): string {
  const path = join(server.folder, name);
  writeFileSync(path, text);
  return path;
}

describe("offhook assistants and tools", () => {
  it("makes, changes, shows, lists and deletes what is in a file of YAML", async () => {
    const path = file("a.yaml", "name: Reception\nwelcomeMessage: Hello!\n---\nname: Night\n");
    expect((await at("assistants", "apply", "-f", path)).out).toMatch(
      /created asst\S+ {2}Reception\ncreated \S+ {2}Night/u,
    );
    const changed = file("b.yaml", "name: Reception\nwelcomeMessage: Good day!\n");
    expect((await at("assistants", "apply", "-f", changed)).out).toMatch(/^changed \S+ {2}Reception\n$/u);
    const shown = await at("assistants", "get", "Reception");
    expect(JSON.parse(shown.out)).toMatchObject({ name: "Reception", welcomeMessage: "Good day!" });
    expect((await at("assistants", "list")).out).toMatch(/^ID\s+NAME\s+CHANGED\n[^]*Night[^]*Reception/u);
    expect(await at("assistants", "delete", "Night")).toMatchObject({ code: 0 });
    const listed: { name: string }[] = JSON.parse((await at("assistants", "list", "--json")).out);
    expect(listed.map(({ name }) => name)).toEqual(["Reception"]);
  });

  it("takes tools in JSON, flat and wrapped", async () => {
    const tools = [{ name: "findSlots" }, { type: "function", function: { name: "book" } }];
    const path = file("tools.json", JSON.stringify(tools));
    expect((await at("tools", "create", "-f", path)).code).toBe(0);
    expect((await at("tools", "apply", "-f", path)).out).toMatch(
      /changed \S+ {2}findSlots\nchanged \S+ {2}book/u,
    );
  });

  it.each<[string, string, string, RegExp]>([
    ["a file that is not there", "", "nothing.yaml", /cannot be read/u],
    ["YAML that is none", "name: [", "broken.yaml", /broken\.yaml cannot be read/u],
    ["an empty file", "", "empty.yaml", /is empty|cannot be read/u],
    ["no object", "just words", "words.yaml", /where an object belongs/u],
    [
      "what is no assistant",
      "maxCallDuration: -1",
      "wrong.yaml",
      /no assistant:\n {2}\/name[^]*\/maxCallDuration/u,
    ],
  ])("says what is wrong with %s, and changes nothing", async (_name, text, name, sentence) => {
    if (text !== "") file(name, text);
    const said = await at("assistants", "apply", "-f", join(server.folder, name));
    expect(said.code).toBe(1);
    expect(said.beside).toMatch(sentence);
  });

  it("wants an id where a name is not enough", async () => {
    const path = file("twins.yaml", "name: Twin\n---\nname: Twin\n");
    await at("assistants", "create", "-f", path);
    expect((await at("assistants", "get", "Twin")).beside).toContain("say which by its id");
    expect((await at("assistants", "apply", "-f", path)).beside).toContain("say in the file which, as _id");
    expect((await at("assistants", "get", "Nobody")).beside).toContain(
      "no assistant with the id or name “Nobody”",
    );
  });
});

describe("what happened", () => {
  let id = "";
  beforeAll(async () => {
    const assistantServer = { url: application.url, secret };
    const call = await good(server.client.calls.connect({ assistant: { ...clerk, assistantServer } }));
    ({ id } = call);
    await good(server.client.calls.say(id, "monday", { wait: true }));
    await good(server.client.calls.control(id, { type: "end" }));
    await vi.waitUntil(() => application.got.at(-1)?.type === "end-of-call-report", { timeout: 10_000 });
  });

  it("is shown as events, of a call and of all", async () => {
    const ofCall = await at("events", "--call", id);
    expect(ofCall.out).toMatch(/call-created[^]*user: monday[^]*findSlots[^]*result-text[^]*reported/u);
    const all = await at("events", "--json", "--limit", "3");
    expect(all.out.trim().split("\n")).toHaveLength(3);
  });

  it("is shown as deliveries, and one of them with its attempts", async () => {
    const { out } = await at("deliveries", "--call", id);
    expect(out).toMatch(/status-update\s+delivered\s+1/u);
    const one = await at("deliveries", `evt_${id}_1`);
    expect(one.out).toContain("answered 200 OK");
    expect((await at("deliveries", "--failed", "--json")).out).toContain('"totalCount": 0');
  });

  it("is sent again, by the server and from here", async () => {
    const before = application.got.length;
    expect((await at("redeliver", `evt_${id}_1`)).out).toContain(`evt_${id}_1 is on its way`);
    await expect.poll(() => application.got.length).toBe(before + 1);
    expect((await at("redeliver", "--failed")).beside).toContain("nothing to send again");
    expect((await at("redeliver")).code).toBe(2);
    const replayed = await at("replay", "--call", id, "--to", application.url, "--secret", secret);
    expect(replayed.code).toBe(0);
    const own = (count: number) => application.got.slice(-count).map((one) => one.id);
    const first = application.got.slice(0, before).filter(({ sequence }) => sequence > 0);
    expect(own(first.length)).toEqual(first.map((one) => one.id));
    expect(application.got.every(({ isSigned }) => isSigned)).toBe(true);
  });

  it("is recorded, and sent again under new ids", async () => {
    const record = {
      kind: "event",
      request: { id: "evt_9", body: '{"message":{"type":"hang","id":"evt_9"}}', headers: {} },
    };
    const path = file("record.jsonl", `${JSON.stringify(record)}\n${JSON.stringify(record)}\n`);
    const { out } = await typed("replay", path, "--to", application.url, "--secret", secret, "--fresh");
    expect(out).toMatch(/^hang evt_9_[0-9a-f]{8}: it answered 200[^\n]*\n$/u);
    const broken = file("broken.jsonl", "{}\n");
    const said = await typed("replay", broken, "--to", application.url);
    expect(said).toMatchObject({ code: 1, beside: expect.stringContaining("Line 1 of") });
    expect(await typed("replay", "--to", application.url)).toMatchObject({ code: 2 });
  });

  it("is shown as calls", async () => {
    expect((await at("calls", "list", "--status", "finished")).out).toContain(id);
    expect((await at("calls", "get", id)).out).toMatch(/user: monday\n {2}assistant: I found/u);
    const made = await at("calls", "create", "Reception");
    expect(made.out).toMatch(/^TC-/u);
    expect((await at("calls", "end", made.out.trim())).out).toContain("is ended");
    expect((await at("calls", "get", "TC-1")).code).toBe(1);
  });
});

describe("offhook trigger", () => {
  it.each(["end-of-call-report", "hang", "function-call"])("sends a signed %s", async (type) => {
    const said = await typed("trigger", type, "--to", application.url, "--secret", secret);
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining("it answered 200") });
    expect(application.got.at(-1)).toMatchObject({ type, isSigned: true });
  });

  it("ends with 1 when it is not accepted, and knows its types", async () => {
    application.answerWith(503);
    expect((await typed("trigger", "hang", "--to", application.url, "--json")).code).toBe(1);
    application.answerWith(200);
    expect(await typed("trigger", "hangs")).toMatchObject({ code: 2 });
  });
});

describe("offhook completion", () => {
  it.each(["bash", "zsh", "fish"])("knows every command in %s", async (shell) => {
    const { out, code } = await typed("completion", shell);
    expect(code).toBe(0);
    for (const word of ["listen", "assistants", "apply", "forward-to"]) expect(out).toContain(word);
  });
});
