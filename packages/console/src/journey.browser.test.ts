import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKey, missing, openBrowser, openWindow, skipped } from "./testing/browser.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const leftOut = skipped(process.env["CI"]);
if (leftOut !== undefined) process.stderr.write(leftOut);

describe.skipIf(leftOut !== undefined)("a person at the page", () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    const lack = missing();
    if (lack !== undefined) throw new Error(lack);
    stage = await openStage();
    browser = await openBrowser();
    ({ page, troubles } = await openWindow(browser, "light", stage.url));
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const expectSeen = (text: string | RegExp, within = page.locator("main")) =>
    within.getByText(text).first().waitFor();
  const open = (name: string) => page.getByRole("navigation").first().getByRole("link", { name }).click();

  it("is sent to sign in first, and told when the key is wrong", async () => {
    await page.goto(`${stage.url}/console/calls?status=finished`);
    await page.getByLabel("API key").fill("ohk_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("not known here");
    await page.getByLabel("API key").fill(apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Calls" }).waitFor();
    expect(page.url()).toContain("/console/calls?status=finished");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "offhook_session", httpOnly: true, sameSite: "Strict", path: "/" });
  });

  it("talks with an assistant, which calls a tool, and sees the words and the events", async () => {
    await open("Talk");
    await page.getByLabel("{{caller}}").fill("Grace");
    await page.getByRole("button", { name: "Start the call" }).click();
    await expectSeen("this is the reception of the clinic");
    await say("Monday please");
    await expectSeen("On Monday I have 9:30 or 14:00");
    const entries = page.getByRole("region", { name: "Everything that happened" });
    await expectSeen("Tool findSlots", entries);
    await expectSeen(/understood as result/u, entries);
    await expectSeen("#5 delivered", entries);
  });

  it("sees a hang build up and be called one", async () => {
    await say("think");
    await expectSeen("waiting for the model");
    await expectSeen("Hang: waiting for the model");
    await expectSeen("I have thought about it");
    await expectSeen("Hang recovered");
  });

  it("breaks the receiver and sees what was not accepted, and why", async () => {
    stage.receiver.breakDown();
    await say("goodbye");
    await expectSeen("The call is over");
    await page.getByRole("link", { name: "Open the call" }).click();
    await expectSeen("The assistant ended it");
    await open("Deliveries");
    await page.getByRole("tab", { name: "Dead letters" }).click();
    await page
      .getByRole("button", { name: /end-of-call-report/u })
      .first()
      .click();
    const detail = page.getByRole("region", { name: "The delivery" });
    await expectSeen("answered 410 Gone", detail);
    await expectSeen("the application has moved", detail);
  });

  it("mends it and sends the event again, and the rest too", async () => {
    stage.receiver.mend();
    const detail = page.getByRole("region", { name: "The delivery" });
    await detail.getByRole("button", { name: "Send again" }).click();
    await expectSeen("delivered", detail);
    await expectSeen("Attempt 2", detail);
    await page.getByRole("button", { name: "Close the delivery" }).click();
    const boxes = page.getByRole("checkbox");
    await boxes.first().check();
    await page.getByRole("button", { name: "Send again", exact: true }).click();
    await expectSeen("1 of 1 sent, 1 accepted");
  });

  it("sees the analysis of the call", async () => {
    await open("Calls");
    await page
      .getByRole("link", { name: /web-console/u })
      .first()
      .click();
    await page.getByRole("tab", { name: "Analysis" }).click();
    await expectSeen("was offered two times on Monday");
  });

  it("has met no error, no fault of the policy and no request elsewhere", () => {
    expect(troubles).toEqual([]);
  });

  it("signs in once, and only once, with the link of the start", async () => {
    const other = await openWindow(browser, "light", stage.url);
    await other.page.goto(stage.signInUrl);
    await other.page.getByRole("navigation").first().waitFor();
    expect(other.page.url()).not.toContain("ticket");
    await other.page.getByRole("button", { name: "Sign out" }).click();
    await other.page.goto(stage.signInUrl);
    await other.page.getByRole("alert").waitFor();
    expect(await other.page.getByRole("alert").textContent()).toContain("used already");
    await other.context.close();
  });

  async function say(text: string): Promise<void> {
    await page.getByLabel("Say something").fill(text);
    await page.keyboard.press("Enter");
  }
});
