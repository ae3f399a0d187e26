import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, it } from "vitest";
import { allCases } from "../check/cases.ts";
import { runCases } from "../check/run.ts";
import { environmentWith } from "../environment.ts";
import { typed } from "../testing/typed.ts";

// In the checkout, so that the packages are found without being installed.
const folder = mkdtempSync(join(import.meta.dirname, "..", "..", "init-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  server.close();
  await once(server, "close");
  return typeof place === "object" ? (place?.port ?? 0) : 0;
}

async function started(place: string): Promise<string> {
  const child = spawn(process.execPath, ["--env-file=.env", "main.js"], {
    cwd: place,
    // What the environment has wins over the file.
    env: environmentWith({ PORT: String(await freePort()) }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\S+/u.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("it said no address");
}

it.each(["node", "hono", "express"])(
  "makes an application on %s that passes every case",
  async (template) => {
    const place = join(folder, template);
    expect(await typed("init", place, "--template", template, "--no-install")).toMatchObject({ code: 0 });
    const url = await started(place);
    const [, secret = ""] = /SERVER_URL_SECRET=(\S+)/u.exec(readFileSync(join(place, ".env"), "utf8")) ?? [];
    const judged = await runCases(allCases, {
      url,
      proof: { secret, auth: "signature" },
      tool: { name: "findSlots", arguments: { day: "Monday" } },
      limits: { answerMaxMs: 3_000, waitMaxMs: 10_000, pauseMs: 10 },
    });
    expect(judged.filter(({ came }) => came.verdict === "failed")).toEqual([]);
  },
);

it.each(["node", "hono", "express", "next"])("writes all that %s needs, once", async (template) => {
  const place = join(folder, `${template}-files`);
  const said = await typed("init", place, "--template", template, "--no-install");
  expect(said.out).toMatch(/package\.json[^]*receiver\.js[^]*assistant\.yaml[^]*\.env/u);
  const manifest: { dependencies: object } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  expect(Object.keys(manifest.dependencies)).toContain("@offhook/server-url");
  expect((await typed("init", place)).beside).toContain("is not empty");
});

it("says which tarball is missing, and takes the one that was built", async () => {
  const from = join(folder, "packed");
  const made = join(folder, "made");
  mkdirSync(from);
  expect((await typed("init", made, "--from", from)).beside).toContain("npm run build:packages");
  expect((await typed("init", made, "--from", join(folder, "no"))).beside).toContain("no folder");
  writeFileSync(join(from, "offhook-server-url-0.1.0.tgz"), "");
  expect(await typed("init", made, "--from", from, "--no-install")).toMatchObject({ code: 0 });
  expect(readFileSync(join(made, "package.json"), "utf8")).toContain(
    `"@offhook/server-url": "file:${join(from, "offhook-server-url-0.1.0.tgz")}"`,
  );
});
