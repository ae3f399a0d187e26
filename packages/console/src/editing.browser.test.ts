import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing, openBrowser, openWindow, seriousFaults, signIn, skipped } from "./testing/browser.ts";
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

  it("takes the assistant along as a file, and brings another in", async () => {
    const coming = page.waitForEvent("download");
    await button("Export").click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe("night-reception.yaml");
    const text = await readFile(await download.path(), "utf8");
    expect(text).toContain("name: Night reception");
    expect(text).not.toContain("a-secret-for-tests");
    const bringIn = (name: string, content: string) =>
      page
        .getByLabel("Import")
        .setInputFiles({ name, mimeType: "application/yaml", buffer: Buffer.from(content) });
    await bringIn("no-assistant.yaml", "just words");
    await page.getByText("It must be a mapping of fields.").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Night reception");
    await bringIn("day.yaml", text.replace("name: Night reception", "name: Day reception"));
    await button("Review and save").click();
    const changes = page.getByRole("list", { name: "Changes" });
    expect(await changes.textContent()).toMatch(/\/name.*Clinic reception.*Day reception/su);
    await button("Save").click();
    await page.getByText("0 changes").waitFor();
    const kept = await stage.client.assistants.get(stage.assistantId);
    expect(kept.ok && kept.value["name"]).toBe("Day reception");
  });

  it("sends a sample signed with the kept secret, and sees what the application answered", async () => {
    await button("Send a sample…").click();
    await button("Send").click();
    const came = page.getByText("answered 200 OK");
    await came.waitFor();
    expect(await came.isVisible()).toBe(true);
    await page.getByRole("button", { name: "Close", exact: true }).click();
  });

  it("has the Server URL checked, step by step, while it works and when it is broken", async () => {
    const found = page.getByRole("list", { name: "What was found" }).getByRole("listitem");
    const check = async (): Promise<string[]> => {
      await button("Check…").click();
      await button("Check").click();
      await button("Check").waitFor();
      await found.nth(5).waitFor();
      const texts = await found.allTextContents();
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole("button", { name: "Close", exact: true }).click();
      return texts;
    };
    const well = await check();
    expect(well.map((text) => text.startsWith("ok"))).toEqual([true, true, false, true, true, true]);
    expect(well[2]).toMatch(/^skippedTLS.*http/u);
    expect(well[4]).toContain("answered 401");
    expect(well[5]).toContain("offhookCheck");
    stage.receiver.breakDown();
    expect((await check())[3]).toMatch(/^failed.*answered 410 Gone/u);
    stage.receiver.mend();
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
