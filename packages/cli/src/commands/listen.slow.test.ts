import { join } from "node:path";
import type { AssistantInput } from "@offhook/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestApplication, testApplication } from "../testing/application.ts";
import { clerk } from "../testing/assistants.ts";
import { endCommands, offhookCommand, type Running } from "../testing/command.ts";
import { cuttableProxy } from "../testing/cuttable-proxy.ts";
import { good, type TestServer, testServer } from "../testing/server.ts";

const secret = "a secret for the trials";
let server: TestServer;
let application: TestApplication;
let states = 0;

beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  application = await testApplication(secret);
  states += 1;
});
afterEach(async () => {
  endCommands();
  await application.close();
});

async function listening(...args: string[]): Promise<Running> {
  const env = { XDG_STATE_HOME: join(server.folder, `state-${states}`) };
  const to = ["--forward-to", application.url, "--secret", secret];
  const command = offhookCommand(["listen", ...server.args, ...to, ...args], { env });
  await command.until("Listening to");
  return command;
}

/** A call in which these words are said; answers its id and what the assistant replied last. */
async function talk(
  words: string,
  assistant: AssistantInput = clerk,
): Promise<{ id: string; reply: string }> {
  const { id } = await good(server.client.calls.connect({ assistant }));
  const { messages } = await good(server.client.calls.say(id, words, { wait: true }));
  await good(server.client.calls.control(id, { type: "end" }));
  return { id, reply: messages.at(-1)?.text ?? "" };
}

const toldTypes = new Set(["status-changed", "message-added", "hang", "error", "reported"]);

/** Waits until the report of a call has come; answers the events of the call in the order in which they came. */
async function toldOf(callId: string): Promise<{ sequences: number[]; types: string[] }> {
  const own = () => application.got.filter((one) => one.callId === callId && one.sequence > 0);
  await expect.poll(() => own().at(-1)?.type, { timeout: 15_000 }).toBe("end-of-call-report");
  const { data } = await good(server.client.calls.events(callId));
  expect(own()).toHaveLength(data.filter(({ type }) => toldTypes.has(type)).length);
  return { sequences: own().map(({ sequence }) => sequence), types: own().map(({ type }) => type) };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("offhook listen", () => {
  it("brings events in order and has tool calls answered, for a call that has no Server URL", async () => {
    const command = await listening();
    // Attached once the first event was heard.
    await toldOf((await talk("hello")).id);
    const { id, reply } = await talk("monday please");
    expect(reply).toBe("I found nine o'clock.");
    const { sequences, types } = await toldOf(id);
    expect(sequences).toEqual(upTo(sequences.length));
    expect(types.slice(0, 3)).toEqual(["status-update", "status-update", "conversation-update"]);
    expect(application.got.every(({ isSigned }) => isSigned)).toBe(true);
    expect(application.got.find(({ type }) => type === "function-call")).toMatchObject({ callId: id });
    await command.until("end-of-call-report");
    expect(command.said()).toMatch(/findSlots\s+TC-[0-9a-f]{8}\s+→\s+200[^\n]+nine o'clock/u);
    command.press("SIGINT");
    expect(await command.ended).toMatchObject({ code: 0 });
  });

  it("goes on where it was after a kill: nothing is missed, and only what was on its way may come twice", async () => {
    const first = await listening();
    await toldOf((await talk("hello")).id);
    first.press("SIGKILL");
    await first.ended;
    const heard = application.got.length;
    const { id, reply } = await talk("monday please");
    expect(reply).not.toContain("nine");
    const second = await listening();
    const { sequences } = await toldOf(id);
    expect(sequences).toEqual(upTo(sequences.length));
    // The kill may have come between the last answer and the note of it.
    const again = application.got.slice(heard).filter(({ callId }) => callId !== id);
    expect(again.every(({ type }) => type === "end-of-call-report") && again.length <= 1).toBe(true);
    second.press("SIGINT");
    await second.ended;
  });

  it("goes on where it was after a cut of the network, in the middle of a call", async () => {
    const proxy = await cuttableProxy(server.url);
    const command = await listening("--url", proxy.url);
    const { id } = await good(server.client.calls.connect({ assistant: clerk }));
    await expect.poll(() => application.got.length).toBeGreaterThan(0);
    proxy.cut();
    await command.until("nothing is lost");
    await good(server.client.calls.say(id, "hello", { wait: true }));
    proxy.heal();
    await command.until("Connected again");
    await good(server.client.calls.control(id, { type: "end" }));
    const { sequences } = await toldOf(id);
    expect(sequences).toEqual(upTo(sequences.length));
    await proxy.close();
  });

  it("waits for an application that is not there", async () => {
    const { port } = new URL(application.url);
    await application.close();
    const command = await listening();
    const { id } = await talk("hello");
    await command.until("again in 0.5 s");
    application = await testApplication(secret, Number(port));
    const { sequences } = await toldOf(id);
    expect(sequences).toEqual(upTo(sequences.length));
  });

  it("asks the Server URL when nobody listens any more", async () => {
    const other = await testApplication(secret);
    const assistant = { ...clerk, assistantServer: { url: other.url, secret } };
    const made = await good(server.client.assistants.create(assistant));
    const command = await listening("--assistant", "Clerk");
    const isAsked = ({ got }: TestApplication) => got.some(({ type }) => type === "function-call");
    const call = async (): Promise<string> => {
      const { id } = await good(server.client.calls.connect({ assistantId: made._id }));
      await good(server.client.calls.say(id, "monday", { wait: true }));
      return id;
    };
    // Attached once the first event was heard.
    const { id: opening } = await good(server.client.calls.connect({ assistantId: made._id }));
    await expect.poll(() => application.got.some(({ callId }) => callId === opening)).toBe(true);
    const first = await call();
    expect([isAsked(application), isAsked(other)]).toEqual([true, false]);
    const ids = () => application.got.filter(({ callId, sequence }) => callId === first && sequence > 0);
    // The same events, under the same ids, as at the Server URL.
    await expect.poll(() => ids().length).toBeGreaterThan(3);
    const same = expect.arrayContaining(ids().map(({ id }) => id));
    await expect.poll(() => other.got.map(({ id }) => id)).toEqual(same);
    command.press("SIGINT");
    await command.ended;
    await call();
    expect(isAsked(other)).toBe(true);
    await other.close();
  });
});
