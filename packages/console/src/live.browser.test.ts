import { openAiServer, type OpenAiServer, textReply } from "@offhook/server/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing, openBrowser, openWindow, seriousFaults, signIn, skipped } from "./testing/browser.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const leftOut = skipped(process.env["CI"]);
if (leftOut !== undefined) process.stderr.write(leftOut);

describe.skipIf(leftOut !== undefined)("a person who looks on", () => {
  let model: OpenAiServer;
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    const lack = missing();
    if (lack !== undefined) throw new Error(lack);
    model = await openAiServer({ replies: ({ body }) => textReply(replyTo(JSON.stringify(body))) });
    stage = await openStage({ OPENAI_API_KEY: "a-key-of-a-model", OPENAI_BASE_URL: model.url });
    browser = await openBrowser();
    ({ page, troubles } = await openWindow(browser, "light", stage.url));
    await signIn(page, stage.url);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    await model?.close();
  });

  const main = () => page.locator("main");
  const button = (name: string) => main().getByRole("button", { name, exact: true });
  const entries = () => page.getByRole("region", { name: "Everything that happened" });
  const dialog = () => page.getByRole("dialog");
  const expectSeen = (text: string | RegExp, within = main()) => within.getByText(text).first().waitFor();
  const look = async (lines: readonly string[]): Promise<void> => {
    const callId = await stage.talk(lines);
    await page.goto(`${stage.url}/console/calls/${callId}`);
    await button("End call").waitFor();
  };

  it("sees a call appear in the list while it looks, and its end", async () => {
    await page.goto(`${stage.url}/console/calls`);
    await expectSeen("No calls yet");
    const placed = await stage.client.calls.connect({
      assistantId: stage.assistantId,
      callType: "chat",
      customer: { number: "+44 117 496 0001" },
    });
    if (!placed.ok) throw new Error(placed.problem.detail);
    const row = main().getByRole("listitem").filter({ hasText: "0001" });
    await expectSeen("ongoing", row);
    await stage.client.calls.control(placed.value.id, { type: "end" });
    await expectSeen("Ended through control", row);
    expect(page.url()).toBe(`${stage.url}/console/calls`);
  });

  it("sees what each side does, and what the call does next", async () => {
    await look(["I need an appointment"]);
    const now = page.getByRole("group", { name: "What goes on now" });
    await expectSeen("listening", now);
    await expectSeen(/minds the silence in \d/u, now);
  });

  it("has the assistant say something, and ends the call", async () => {
    await button("Say").click();
    await dialog().getByRole("button", { name: "Say" }).click();
    expect(await dialog().getByLabel("What the assistant says").getAttribute("aria-invalid")).toBe("true");
    await dialog().getByLabel("What the assistant says").fill("The doctor is a little late.");
    await dialog().getByRole("button", { name: "Say" }).click();
    await dialog().waitFor({ state: "detached" });
    await expectSeen("The doctor is a little late.", page.getByRole("log"));
    await expectSeen("Assistant said through control", entries());
    await button("End call").click();
    await dialog().getByRole("button", { name: "End call" }).click();
    await expectSeen("Ended through control");
    await button("End call").waitFor({ state: "detached" });
    await page.getByRole("group", { name: "What goes on now" }).waitFor({ state: "detached" });
  });

  it("adds a message: one that the assistant is to know, and one that it answers as the user's", async () => {
    await look(["I need an appointment"]);
    await button("Add message").click();
    await dialog().getByRole("button", { name: "Add message" }).click();
    expect(await dialog().getByLabel("Message").getAttribute("aria-invalid")).toBe("true");
    expect(await dialog().getByLabel("As").inputValue()).toBe("system");
    await dialog().getByLabel("Message").fill("The caller is in a hurry.");
    expect(await seriousFaults(page)).toEqual([]);
    await dialog().getByRole("button", { name: "Add message" }).click();
    await dialog().waitFor({ state: "detached" });
    const given = entries().getByRole("button", { name: /Control.*add-message/u });
    await given.first().waitFor();
    await button("Add message").click();
    expect(await dialog().getByLabel("Message").inputValue()).toBe("");
    await dialog().getByLabel("As").selectOption("user");
    await dialog().getByLabel("Message").fill("on Friday");
    await dialog().getByRole("button", { name: "Add message" }).click();
    await dialog().waitFor({ state: "detached" });
    await expectSeen("on Friday", page.getByRole("log"));
    await expectSeen("On Friday I have 9:30 or 14:00.", page.getByRole("log"));
    expect(await given.count()).toBe(2);
    await button("End call").click();
    await dialog().getByRole("button", { name: "End call" }).click();
    await dialog().waitFor({ state: "detached" });
  });

  it("forwards a call, and is told when there is no number", async () => {
    await look(["I need a person"]);
    await button("Forward").click();
    await dialog().getByRole("button", { name: "Forward" }).click();
    expect(await dialog().getByLabel("Phone number").getAttribute("aria-invalid")).toBe("true");
    await dialog().getByLabel("Phone number").fill("+442079460958");
    await dialog().getByRole("button", { name: "Forward" }).click();
    await dialog().waitFor({ state: "detached" });
    await expectSeen("Call forwarded", entries());
  });

  it("is led from what the analysis says to the message that it rests on", async () => {
    const updated = await stage.client.assistants.update(stage.assistantId, {
      assistantProvider: "openai",
      assistantModel: "gpt-4.1-mini",
    });
    if (!updated.ok) throw new Error(updated.problem.detail);
    await look(["Good morning", "On Monday, if you please"]);
    await button("End call").click();
    await dialog().getByRole("button", { name: "End call" }).click();
    await page.getByRole("tab", { name: "Analysis" }).click();
    await expectSeen("not known: no time was offered");
    await page.getByRole("button", { name: "Evidence 1 for day: show the message" }).click();
    const marked = page.getByRole("log").locator("[data-marked]");
    await marked.waitFor();
    expect(await marked.textContent()).toContain("On Monday, if you please");
    const entry = page.locator("[data-entry][aria-expanded=true]");
    expect(await entry.textContent()).toContain("User said");
  });

  it("has met no error, no fault of the policy and no request elsewhere", () => {
    expect(troubles).toEqual([]);
  });
});

/** What the model says: when it is asked for data with evidence, what the user said of Monday is the evidence. */
function replyTo(asked: string): string {
  if (!asked.includes("_evidence")) return "Of course. Which day would suit you?";
  const [, id = "none"] = /\[(msg_[\w-]+)\][^[\]]*On Monday/u.exec(asked) ?? [];
  return JSON.stringify({
    day: "Monday",
    _evidence: { day: [id] },
    _gaps: { firstOffer: "no time was offered" },
  });
}
