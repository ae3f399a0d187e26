import { offhook } from "@offhook/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { echo } from "../testing/assistants.ts";
import { type CuttableProxy, cuttableProxy } from "../testing/cuttable-proxy.ts";
import { type TestServer, testKey, testServer } from "../testing/server.ts";
import { hangUp, type LiveCall, placeCall } from "./live-call.ts";
import { Transcript } from "./transcript.ts";

let server: TestServer;
let proxy: CuttableProxy;
let paper: string;

beforeEach(async () => {
  server = await testServer();
  proxy = await cuttableProxy(server.url);
  paper = "";
});
afterEach(async () => {
  await proxy.close();
  await server.close();
});

async function call(): Promise<LiveCall> {
  const labels = { user: "You: ", assistant: "They: " };
  const pen = { write: (text: string) => (paper += text), note: (line: string) => (paper += `${line}\n`) };
  const transcript = new Transcript(pen, { showUser: true, stream: false, labels });
  const placed = await placeCall(clientOverProxy(), { assistant: echo, callType: "chat" }, transcript);
  if ("failure" in placed) throw new Error(placed.failure);
  return placed;
}

/** Everything goes over the proxy, live sessions too. */
function clientOverProxy() {
  const limits = { retriesMax: 0, openMaxMs: 1_000 };
  return offhook({
    url: proxy.url,
    apiKey: testKey,
    limits,
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        super(url.replace(server.url.replace("http", "ws"), proxy.url.replace("http", "ws")));
      }
    },
  });
}

describe("a call whose connection is lost", () => {
  it("goes on, with what was said meanwhile, and shows nothing twice", async () => {
    const placed = await call();
    placed.say("one");
    await expect.poll(() => paper).toMatch(/You: one\nThey: .*\n/u);
    proxy.cut();
    placed.say("two");
    placed.say("two");
    setTimeout(() => proxy.heal(), 1_000);
    await expect.poll(() => paper, { timeout: 8_000 }).toMatch(/(?:You: two\n(?:They: .*\n)*){2}/u);
    await hangUp(server.client, placed);
    expect(paper.match(/You: (?:one|two)/gu)).toEqual(["You: one", "You: two", "You: two"]);
    expect(paper.match(/^— .*/gmu)?.filter((line) => line !== "— queued")).toEqual([
      "— ongoing",
      "— connection lost, connecting again",
      "— finished (user-hung-up)",
    ]);
  });

  it("is not waited for by one who hangs up", async () => {
    const placed = await call();
    proxy.cut();
    await hangUp(server.client, placed);
    await expect
      .poll(async () => server.client.calls.get(placed.id))
      .toMatchObject({
        value: { status: "finished" },
      });
  });
});
