import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { fixture, signed, toolCall } from "@offhook/server-url/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The receivers of the documents that use none of our packages. Those in Go and PHP are tried by hand: CI has neither.
const receivers = [
  ["Node", process.execPath, "receiver.mjs"],
  ["Python", "python3", "receiver.py"],
] as const;

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.each(receivers)("the receiver in %s", (_, command, file) => {
  let child: ChildProcess;
  let url = "";

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/offhook`;
    const env = { ...process.env, SERVER_URL_SECRET: secret, PORT: String(port) };
    child = spawn(command, [join(import.meta.dirname, file)], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    for (let tries = 0; ; tries++) {
      const answered = await fetch(url, { method: "POST" }).catch(() => undefined);
      if (answered !== undefined) break;
      if (tries > 100) throw new Error(`${file} does not listen`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, 60_000);
  afterAll(() => child.kill());

  const statusOf = async (request: Promise<Request>): Promise<number> => (await fetch(await request)).status;

  it.each(["status-update", "conversation-update", "hang", "error", "end-of-call-report"] as const)(
    "accepts a %s, in both formats",
    async (type) => {
      for (const format of ["2025-04", "2026-03"] as const)
        expect(await statusOf(signed(fixture(type, format), { secret, url, id: `${type}-${format}` }))).toBe(
          200,
        );
    },
  );

  it("runs a tool, and says so of one that it has not", async () => {
    const asked = await fetch(await toolCall("findSlots", { day: "Monday" }, { secret, url }));
    expect(await asked.json()).toEqual({ result: "On Monday nine o'clock is free." });
    const unknown = await fetch(await toolCall("nothing", {}, { secret, url, toolCallId: "t2" }));
    expect({ status: unknown.status, body: await unknown.json() }).toEqual({
      status: 200,
      body: { error: expect.stringContaining("nothing") },
    });
  });

  it("accepts a type that it does not know", async () => {
    expect(await statusOf(signed({ type: "something-new" }, { secret, url, id: "new" }))).toBe(200);
  });

  it("accepts one good signature of two", async () => {
    const request = await signed({ type: "hang" }, { secret, url, id: "rotated" });
    const good = request.headers.get("webhook-signature") ?? "";
    request.headers.set("webhook-signature", `v1,${"A".repeat(43)}= ${good}`);
    expect((await fetch(request)).status).toBe(200);
  });

  it.each([
    ["another secret", { secret: "whsec_YW5vdGhlcg==" }],
    ["an old timestamp", { secret, at: Date.now() - 400_000 }],
    ["a timestamp in words", { secret, headers: { "webhook-timestamp": "now" } }],
    ["no signature", { secret, headers: { "webhook-signature": "" } }],
  ])("does not believe %s", async (_case, given) => {
    expect(await statusOf(signed({ type: "hang" }, { url, ...given }))).toBe(401);
  });

  it("refuses what is no JSON", async () => {
    expect(await statusOf(signed("{", { secret, url, id: "broken" }))).toBe(400);
  });
});
