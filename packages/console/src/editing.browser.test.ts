import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing, openBrowser, openWindow, signIn, skipped } from "./testing/browser.ts";
import { openStage, type Stage } from "./testing/stage.ts";

const leftOut = skipped(process.env["CI"]);
if (leftOut !== undefined) process.stderr.write(leftOut);

describe.skipIf(leftOut !== undefined)("a person who edits", () => {
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
    await signIn(page, stage.url);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const button = (name: string) => page.getByRole("button", { name, exact: true });

  it("an assistant, is told of a fault at its field before it is sent, and can save once it is mended", async () => {
    await page.goto(`${stage.url}/console/assistants/${stage.assistantId}`);
    await page.getByLabel("Server URL", { exact: true }).last().fill("ftp://example.org");
    expect(await page.getByRole("alert").textContent()).toContain("only http and https");
    await button("Review and save").click();
    expect(await button("Save").isDisabled()).toBe(true);
    await button("Go on editing").click();
    await page.getByLabel("Server URL", { exact: true }).last().fill(stage.receiver.url);
    await page.getByLabel("Longest reply, tokens").fill("99");
    await button("Review and save").click();
    const changes = page.getByRole("list", { name: "Changes" });
    expect(await changes.textContent()).toMatch(/\/assistantMaxTokens.*256.*99/su);
    await button("Save").click();
    await page.getByText("0 changes").waitFor();
    const kept = await stage.client.assistants.get(stage.assistantId);
    expect(kept.ok && kept.value["assistantMaxTokens"]).toBe(99);
  });

  it("an assistant whose address the server may not reach, and is told so by the server", async () => {
    await page.getByLabel("Server URL", { exact: true }).last().fill("http://10.0.0.1/hook");
    await button("Review and save").click();
    await button("Save").click();
    expect(await page.getByRole("dialog").getByRole("alert").textContent()).toMatch(/10\.0\.0\.1/u);
    await button("Go on editing").click();
    await page.getByLabel("Server URL", { exact: true }).last().fill(stage.receiver.url);
  });

  it("as YAML, which is the same as the form", async () => {
    await page.getByRole("tab", { name: "YAML" }).click();
    const yaml = page.getByLabel("Everything, as YAML");
    await yaml.waitFor();
    const text = await yaml.inputValue();
    await yaml.fill(text.replace("name: Clinic reception", "name: Night reception"));
    await page.getByText("1 change", { exact: true }).waitFor();
    await yaml.fill("[not, a, mapping]");
    await page.getByText("It must be a mapping of fields.").waitFor();
    await page.getByRole("tab", { name: "Form" }).click();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Night reception");
  });

  it("sends a sample, and sees what the application answered", async () => {
    await page.getByLabel("Secret", { exact: true }).fill("a-secret-for-tests");
    await button("Send a sample…").click();
    await button("Send").click();
    const came = page.getByText("answered 200 OK");
    await came.waitFor();
    expect(await came.isVisible()).toBe(true);
    await page.getByRole("button", { name: "Close", exact: true }).click();
  });

  it("rotates the secret, which is shown once", async () => {
    await button("Rotate the secret…").click();
    await button("Make a new secret").click();
    expect(
      await page
        .getByRole("dialog")
        .getByText(/^whsec_/u)
        .textContent(),
    ).toMatch(/^whsec_/u);
    await button("Done").click();
  });

  it("makes a tool and really calls it", async () => {
    await page.goto(`${stage.url}/console/tools/new`);
    await page.getByLabel("URL", { exact: true }).fill(stage.receiver.url);
    await page.getByLabel("Secret", { exact: true }).fill("a-secret-for-tests");
    await button("Review and save").click();
    await button("Save").click();
    await button("Test…").click();
    await page.getByLabel("Arguments, as the model would give them").fill('{"day": "Monday"}');
    await button("Call it").click();
    await page.getByText(/understood as/u).waitFor();
    expect(await page.getByRole("region", { name: "the result" }).textContent()).toContain("9:30");
  });

  it("has met no error, no fault of the policy and no request elsewhere", () => {
    // That an address is refused is told by the browser too.
    expect(troubles.filter((trouble) => !trouble.includes("422"))).toEqual([]);
  });
});
