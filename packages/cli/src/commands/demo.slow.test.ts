import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offhook } from "@offhook/client";
import { afterAll, describe, expect, it } from "vitest";
import { sleep } from "../clock.ts";
import { endCommands, offhookCommand, type Running } from "../testing/command.ts";
import { silentServer } from "../testing/silent-server.ts";

const folder = mkdtempSync(join(tmpdir(), "offhook-demo-test-"));
afterAll(() => {
  endCommands();
  rmSync(folder, { recursive: true });
});

/** A folder for what passes, so that what is left behind is seen. */
const env = { TMPDIR: folder, OFFHOOK_PORT: "0", OFFHOOK_DATA: join(folder, "data") };

/** A demo that stays, when it has come to rest. */
async function staying(): Promise<{ demo: Running; url: string; apiKey: string; assistantId: string }> {
  const demo = offhookCommand(["demo", "--stay"], { env });
  const said = await demo.until("Ctrl-C ends it");
  const [, url = ""] = /The server +(\S+)/u.exec(said) ?? [];
  const [, apiKey = ""] = /The API key +(\S+)/u.exec(said) ?? [];
  const [, assistantId = ""] = /"assistantId": "([^"]+)"/u.exec(said) ?? [];
  return { demo, url, apiKey, assistantId };
}

describe("offhook demo", () => {
  it("talks one call through, and leaves nothing behind", async () => {
    const { code, stdout } = await offhookCommand(["demo"], { env }).ended;
    expect(code).toBe(0);
    expect(stdout).toContain("  patient │ My name is Ada Lovelace.");
    expect(stdout).toMatch(/assistant │ You are booked/u);
    expect(stdout).toMatch(/ {3}clinic │ .*#1 status-update {2}queued/u);
    expect(stdout).toMatch(/ {3}clinic │ .*bookAppointment/u);
    expect(stdout).toMatch(/ {3}clinic │ .*sendConfirmation[^]*The call has ended/u);
    expect(stdout).toMatch(/ {3}clinic │ .*end-of-call-report {2}success/u);
    expect(stdout).toContain("OFFHOOK_EGRESS_ALLOW=loopback");
    expect(readdirSync(folder).filter((name) => name.startsWith("offhook-"))).toEqual([]);
  });

  it("writes nothing but what the clinic received, as JSON lines, with --json", async () => {
    const { code, stdout, stderr } = await offhookCommand(["demo", "--json"], { env }).ended;
    expect(code).toBe(0);
    const lines: unknown[] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      expect(Object.keys(Object(line)).toSorted()).toEqual(["answered", "at", "body", "headers", "path"]);
      expect(line).toMatchObject({
        answered: { status: 200 },
        headers: { "webhook-id": expect.any(String) },
      });
    }
    const messages = lines.map((line) => Object(line).body.message);
    const tells = messages.filter(({ type }) => type !== "function-call");
    expect(tells.map(({ sequence }) => sequence)).toEqual(tells.map((_tell, index) => index + 1));
    expect([tells.at(0), tells.at(-1)]).toMatchObject([
      { type: "status-update", status: "queued" },
      { type: "end-of-call-report" },
    ]);
    const asked = messages
      .filter(({ type }) => type === "function-call")
      .map(({ functionCall }) => functionCall.name);
    expect(asked).toEqual(["findSlots", "bookAppointment", "sendConfirmation"]);
    expect(stderr).toContain("patient │");
  });

  it("stays until Ctrl-C, and then reports live calls to the clinic first", async () => {
    const { demo, url, apiKey, assistantId } = await staying();
    const client = offhook({ url, apiKey });
    const call = await client.calls.connect({ assistantId });
    if (!call.ok) throw new Error(call.problem.detail);
    await client.calls.say(call.value.id, "Hello?", { wait: true });
    demo.press("SIGINT");
    const { code, stdout } = await demo.ended;
    expect(code).toBe(0);
    const [, afterwards = ""] = stdout.split("Stopping");
    expect(afterwards).toMatch(/status-update {2}finished \(server-stopped\)[^]*end-of-call-report/u);
  });

  it("takes up the assistant of an earlier start", async () => {
    const { demo, url, apiKey } = await staying();
    const assistants = await offhook({ url, apiKey }).assistants.list();
    expect(assistants).toMatchObject({ ok: true, value: { totalCount: 1 } });
    demo.press("SIGINT");
    expect(await demo.ended).toMatchObject({ code: 0 });
  });

  it("ends at once at a second Ctrl-C, but not at the echo of the first", async () => {
    const { demo, url, apiKey } = await staying();
    const client = offhook({ url, apiKey });
    // A Server URL that accepts and never answers keeps the stop waiting.
    const silent = await silentServer();
    const call = await client.calls.connect({
      assistant: { name: "Silent", assistantServer: { url: silent.url } },
    });
    expect(call.ok).toBe(true);
    demo.press("SIGINT");
    await sleep(50);
    demo.press("SIGINT");
    await demo.until("Stopping");
    const waiting = await Promise.race([demo.ended, silent.asked.then(() => sleep(600))]);
    expect(waiting).toBeUndefined();
    demo.press("SIGINT");
    expect(await demo.ended).toMatchObject({ code: 130 });
    await silent.close();
  });

  it("is stopped in the middle of its call", async () => {
    const demo = offhookCommand(["demo"], { env });
    await demo.until("assistant │");
    demo.press("SIGINT");
    const { code, stdout, stderr } = await demo.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopped before the demo was over");
    expect(stdout).toMatch(/end-of-call-report/u);
  });
});
