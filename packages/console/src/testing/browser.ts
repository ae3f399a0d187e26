import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export const apiKey = "a-key-for-tests-only";

/** Where Debian's package `chromium` puts the browser. */
const executablePath = "/usr/bin/chromium";

/** What is missing to run these tests, in a sentence; `undefined` when nothing is. */
export function missing(): string | undefined {
  if (existsSync(executablePath)) return undefined;
  return `no browser at ${executablePath}: install Debian's package chromium`;
}

/** Why these tests are left out, in a line; CI must run them and is never told so. */
export function skipped(ci: string | undefined): string | undefined {
  const lack = missing();
  return lack === undefined || ci !== undefined ? undefined : `skipped: ${lack}\n`;
}

export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/sign-in`);
  await page.getByLabel("API key").fill(apiKey);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").first().waitFor();
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** How long a test waits for something to appear. */
const patienceMs = 15_000;

/** How a page is looked at. */
export const looks = {
  light: { colorScheme: "light", viewport: { width: 1_280, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1_280, height: 800 } },
  narrow: { colorScheme: "light", viewport: { width: 390, height: 780 } },
} as const;
export type LookName = keyof typeof looks;

/** A fresh browser window, and everything in it that should not be: errors, faults of the policy, requests elsewhere. */
export async function openWindow(browser: Browser, look: LookName, origin: string) {
  const context = await browser.newContext({
    ...looks[look],
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  return { context, page, troubles: troublesOf(context, page, origin) };
}

function troublesOf(context: BrowserContext, page: Page, origin: string): string[] {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A refused sign-in is told by the browser too.
    if (message.type() === "error" && !message.text().includes("401"))
      troubles.push(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:"))
      troubles.push(`request to ${url}`);
  });
  return troubles;
}

/** What axe-core finds that is serious or critical, by WCAG 2.2 AA. It is put in past the policy, as a browser's tools are. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe.source });
  const { result } = await session.send("Runtime.evaluate", {
    expression: `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary)))
      .then(JSON.stringify)`,
    awaitPromise: true,
  });
  await session.detach();
  const faults: unknown = JSON.parse(String(result.value));
  if (!Array.isArray(faults)) throw new Error("axe did not answer");
  return faults.map(String);
}
