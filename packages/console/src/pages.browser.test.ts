import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type LookName,
  looks,
  missing,
  openBrowser,
  openWindow,
  seriousFaults,
  signIn,
  skipped,
} from "./testing/browser.ts";
import { openStage, type Stage } from "./testing/stage.ts";

/** `SCREENS=docs/screens npm run test:browser -- pages` keeps what is seen. */
const folder = process.env["SCREENS"];

const patienceMs = 5_000;

const leftOut = skipped(process.env["CI"]);
if (leftOut !== undefined) process.stderr.write(leftOut);

describe.skipIf(leftOut !== undefined)("every page", () => {
  let stage: Stage;
  let browser: Browser;
  const paths: Record<string, () => string> = {
    overview: () => "/?minutes=15",
    calls: () => "/calls",
    call: () => `/calls/${done}`,
    talk: () => `/talk?callId=${open}`,
    "talk-start": () => "/talk",
    deliveries: () => `/deliveries?event=${dead}`,
    "dead-letters": () => "/deliveries?state=dead",
    assistants: () => "/assistants",
    assistant: () => `/assistants/${stage.assistantId}`,
    tools: () => "/tools",
    tool: () => "/tools/new",
  };
  let [done, open, dead] = ["", "", ""];

  beforeAll(async () => {
    const lack = missing();
    if (lack !== undefined) throw new Error(lack);
    stage = await openStage();
    browser = await openBrowser();
    done = await stage.talk(["I need an appointment", "Monday please", "think", "goodbye"]);
    stage.receiver.breakDown();
    await stage.talk(["Tuesday please", "goodbye"]);
    dead = await firstDead(stage);
    stage.receiver.mend();
    open = await stage.talk(["I need an appointment", "on Friday"]);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it.each(Object.keys(looks) as LookName[])("is whole, and fit for everybody: %s", async (look) => {
    const { page, context, troubles } = await openWindow(browser, look, stage.url);
    await page.goto(`${stage.url}/console/sign-in`);
    const found: string[] = [];
    const examine = async (name: string): Promise<void> => {
      for (const fault of await seriousFaults(page)) found.push(`${name}: ${fault}`);
      const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (isTooWide) found.push(`${name} is wider than the screen`);
      if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
    };
    await examine("sign-in");
    await signIn(page, stage.url);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${stage.url}/console${path()}`);
      await page.locator("main h1, main h2").first().waitFor({ timeout: patienceMs });
      await page.waitForLoadState("load");
      await page.getByLabel("Loading").first().waitFor({ state: "detached", timeout: patienceMs });
      await examine(name);
    }
    expect(found.join("\n")).toBe("");
    expect(troubles).toEqual([]);
    await context.close();
  });

  it("stands still once it is there", async () => {
    const { page, context } = await openWindow(browser, "light", stage.url);
    await signIn(page, stage.url);
    for (const path of ["/calls", "/deliveries", "/?minutes=15"]) {
      await page.goto(`${stage.url}/console${path}`);
      await page.locator("main h1").waitFor();
      const shift = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) if ("value" in entry) sum += Number(entry.value);
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 3_000);
          }),
      );
      // "Good" by the Core Web Vitals is below 0.1.
      expect(shift, path).toBeLessThan(0.05);
    }
    await context.close();
  });
});

async function firstDead({ client }: Stage): Promise<string> {
  for (let look = 0; look < 100; look += 1) {
    const found = await client.deliveries.list({ state: "dead", type: "end-of-call-report", size: 1 });
    if (found.ok && found.value.data[0] !== undefined) return found.value.data[0].id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nothing was given up");
}
