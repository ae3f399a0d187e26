import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookFromServer } from "../doctor/from-server.ts";
import { badReceiver, type BadReceiver } from "../testing/bad-receiver.ts";
import { clerk } from "../testing/assistants.ts";
import { good, type TestServer, testServer } from "../testing/server.ts";
import { type Said, typed } from "../testing/typed.ts";

const secret = "a secret for the trials";
let server: TestServer;
let receiver: BadReceiver;
let careless: BadReceiver;
let assistantId = "";
beforeAll(async () => {
  server = await testServer();
  receiver = await badReceiver(secret, []);
  careless = await badReceiver(secret, ["believes everybody", "answers late"]);
  const assistantServer = { url: receiver.url, secret };
  ({ _id: assistantId } = await good(server.client.assistants.create({ ...clerk, assistantServer })));
});
afterAll(async () => {
  await receiver.close();
  await careless.close();
  await server.close();
});

const at = (...words: string[]): Promise<Said> => typed(...words, ...server.args);

describe("offhook doctor", () => {
  it("finds nothing wrong with a good receiver, by its address and by its assistant", async () => {
    for (const where of [receiver.url, "Clerk"]) {
      const { out, code } = await at("doctor", where, "--secret", secret);
      expect(
        out
          .trim()
          .split("\n")
          .map((line) => line.slice(0, 1)),
      ).toEqual(Array.from({ length: 9 }, () => "✓"));
      expect(code).toBe(0);
    }
  });

  it.each<[string, () => string[], RegExp]>([
    [
      "nobody there",
      () => ["http://127.0.0.1:1/"],
      /✗ answer\s+Nobody answers[^\n]*ECONNREFUSED[^]*✗ server/u,
    ],
    ["no secret", () => [receiver.url], /✗ answer[^\n]*401[^\n]*--secret[^]*✓ server[^\n]*was not signed/u],
    ["another secret", () => [receiver.url, "--secret", "another one"], /✗ answer[^\n]*same secret/u],
    [
      "a receiver that believes everybody",
      () => [careless.url, "--secret", secret],
      /✗ forgery[^\n]*Verify/u,
    ],
    ["an address with a password", () => ["http://a:b@127.0.0.1/"], /✗ address/u],
    ["a name that is none", () => ["http://no-such-host.invalid/"], /✗ name[^\n]*not found/u],
  ])("sees %s", async (_name, args, sentence) => {
    const { out, code } = await at("doctor", ...args());
    expect(out).toMatch(sentence);
    expect(code).toBe(1);
  });

  it("says that the server may not go there", async () => {
    const proof = { secret, auth: "signature" } as const;
    const seen = await lookFromServer(server.client, "http://10.0.0.1/", proof);
    expect(seen).toMatchObject({ name: "server", state: "bad" });
    expect(seen.says).toContain("OFFHOOK_EGRESS_ALLOW");
  });

  it("gives its steps as JSON, and does without a server", async () => {
    const { out, code } = await typed("doctor", receiver.url, "--secret", secret, "--json");
    const report: { steps: { name: string; state: string }[] } = JSON.parse(out);
    expect(report.steps.find(({ name }) => name === "server")?.state).toBe("unknown");
    expect(code).toBe(0);
  });

  it("says what an assistant lacks", async () => {
    await good(server.client.assistants.create({ ...clerk, name: "Alone" }));
    expect((await at("doctor", "Alone")).beside).toContain("has no Server URL");
    expect((await at("doctor", "Nobody")).beside).toContain("no assistant");
  });
});

describe("offhook push", () => {
  it("attaches the tools of a module's receiver, and of a file", async () => {
    const module = join(server.folder, "receiver.mjs");
    writeFileSync(
      module,
      `export const receiver = { definitions: () => [{ name: "book", description: "Books." }] };\n`,
    );
    expect(await at("push", "Clerk", "--from", module)).toMatchObject({ code: 0, out: "added book\n" });
    const names = async () => {
      const { tools } = await good(server.client.assistants.get(assistantId));
      return Array.isArray(tools) ? tools.map((one: { name: string }) => one.name) : [];
    };
    expect(await names()).toEqual(["findSlots", "book"]);
    expect((await at("push", "Clerk", "--from", module)).out).toBe("changed book\n");
    const file = join(server.folder, "tools.yaml");
    writeFileSync(file, "- name: cancel\n");
    expect((await at("push", "Clerk", "--from", file, "--prune")).out).toBe("added cancel\n");
    expect(await names()).toEqual(["cancel"]);
  });

  it.each([
    ["nothing.mjs", "export const nothing = 1;", /exports no receiver/u],
    ["broken.mjs", "export const = 1;", /cannot be run/u],
    ["wrong.yaml", "- description: nameless", /no tool/u],
  ])("says what is wrong with %s", async (name, text, sentence) => {
    const file = join(server.folder, name);
    writeFileSync(file, text);
    const said = await at("push", "Clerk", "--from", file);
    expect(said.beside).toMatch(sentence);
    expect(said.code).toBe(1);
  });
});

describe("offhook secret rotate", () => {
  it("makes a new secret, and lets the old one sign beside it", async () => {
    const { out, beside, code } = await at("secret", "rotate", "Clerk");
    expect(code).toBe(0);
    expect(out).toMatch(/^whsec_\S+\n$/u);
    expect(beside).toContain("beside the old one until");
    const given = await at("secret", "rotate", assistantId, "--new-secret", secret, "--overlap-hours", "0");
    expect(given).toMatchObject({ out: `${secret}\n`, beside: expect.stringContaining("alone") });
  });

  it("wants to know whose", async () => {
    expect((await at("secret", "rotate")).code).toBe(2);
    expect((await at("secret", "rotate", "--tool", "tool-9")).beside).toContain("no tool");
    expect((await at("secret", "rotate", "Clerk", "--overlap-hours", "1000")).code).toBe(2);
  });
});
