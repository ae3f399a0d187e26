import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildAll, pack } from "./build.ts";
import { endAll, freePort, type Typed, typed } from "./testing/terminal.ts";

// A new user's first call, by the README that `init` writes: an empty folder, the packed receiver, and the command line of this checkout.
const root = join(import.meta.dirname, "../../..");
const place = mkdtempSync(join(tmpdir(), "offhook-journey-"));
const offhook = [process.execPath, join(root, "packages/cli/src/main.ts")];
const minutes = 60_000;

beforeAll(async () => {
  for (const built of await buildAll(root, join(place, "packed"))) pack(built, join(place, "packed"));
}, 5 * minutes);
afterAll(() => {
  endAll();
  rmSync(place, { recursive: true, force: true });
});

/** The commands of one journey, in the order in which they were typed, and how long each had the user wait. */
function journey(begun: Record<string, string>) {
  const env = { ...process.env, ...begun };
  const steps: { name: string; ms: number }[] = [];
  const timed = async <Value>(name: string, work: Promise<Value>): Promise<Value> => {
    const from = performance.now();
    const value = await work;
    steps.push({ name, ms: Math.round(performance.now() - from) });
    return value;
  };
  const run = (folder: string, words: readonly string[], input?: string): Typed =>
    typed(words, { folder, env, ...(input === undefined ? {} : { input }) });
  return {
    steps,
    /** A command that goes on; ready when it has said this. */
    async goesOn(name: string, given: { folder: string; words: readonly string[]; ready: RegExp }) {
      const command = run(given.folder, given.words);
      await timed(name, command.until(given.ready));
      return command;
    },
    /** What the shell does by itself, at once; some of it sets what later commands find. */
    shell(name: string, set: Record<string, string> = {}): void {
      Object.assign(env, set);
      steps.push({ name, ms: 0 });
    },
    /** A command that ends by itself, and well; what it said. */
    async ends(name: string, given: { folder: string; words: readonly string[]; input?: string }) {
      const command = run(given.folder, given.words, given.input);
      expect(await timed(name, command.ended), command.said()).toBe(0);
      return command.said();
    },
    print(title: string): void {
      const total = steps.reduce((sum, { ms }) => sum + ms, 0);
      const rows = steps.map(({ name, ms }) => `  ${(ms / 1_000).toFixed(1).padStart(5)} s  ${name}`);
      process.stderr.write(
        `\n${title}: ${steps.length} commands, ${(total / 1_000).toFixed(1)} s\n${rows.join("\n")}\n`,
      );
    },
  };
}

const say = "Monday\n";

/** Makes the application that `init` makes, and a port of its own for it. */
async function made(name: string, env: Record<string, string>) {
  const folder = join(place, name);
  const port = await freePort();
  const went = journey({ OFFHOOK_API_KEY: "a-key-for-the-journey", PORT: String(port), ...env });
  const words = [...offhook, "init", name, "--from", join(place, "packed")];
  await went.ends(`npx offhook init ${name} --from dist`, { folder: place, words });
  went.shell(`cd ${name}`);
  went.shell("export OFFHOOK_API_KEY=…   (in every terminal)");
  const [, secret = ""] = /SERVER_URL_SECRET=(\S+)/u.exec(readFileSync(join(folder, ".env"), "utf8")) ?? [];
  const readEnv = (): void => went.shell("set -a; . ./.env; set +a", { SERVER_URL_SECRET: secret });
  return { folder, went, readEnv, url: `http://127.0.0.1:${port}/offhook` };
}

function linesIn(folder: string): number {
  const files = readdirSync(folder).filter(
    (name) =>
      name !== "node_modules" && name !== "package-lock.json" && statSync(join(folder, name)).isFile(),
  );
  return files.reduce(
    (sum, name) => sum + readFileSync(join(folder, name), "utf8").split("\n").length - 1,
    0,
  );
}

it("step by step: the tool answers, and the report arrives", { timeout: 5 * minutes }, async () => {
  const port = String(await freePort());
  const { folder, went, readEnv, url } = await made("reception", { OFFHOOK_URL: `http://127.0.0.1:${port}` });
  const lines = linesIn(folder);
  const server = await went.goesOn("npx offhook start", {
    folder,
    words: [...offhook, "start", "--port", port],
    ready: /127\.0\.0\.1:\d+/u,
  });
  const application = await went.goesOn("npm start", {
    folder,
    words: ["npm", "start"],
    ready: /Server URL: http/u,
  });
  readEnv();
  await went.ends("npx offhook assistants apply -f assistant.yaml", {
    folder,
    words: [...offhook, "assistants", "apply", "-f", "assistant.yaml"],
  });
  await went.ends("npx offhook push Reception --from receiver.js", {
    folder,
    words: [...offhook, "push", "Reception", "--from", "receiver.js"],
  });
  const listener = await went.goesOn("npx offhook listen --forward-to http://127.0.0.1:3000/offhook", {
    folder,
    words: [...offhook, "listen", "--forward-to", url],
    ready: /Listening to/u,
  });
  const talk = await went.ends('npx offhook call Reception, and "Monday"', {
    folder,
    words: [...offhook, "call", "Reception"],
    input: say,
  });
  expect(talk).toContain("9:00 and 11:30 are free on Monday.");
  expect(await listener.until(/end-of-call-report/u)).toMatch(/findSlots.+→.+200/u);
  await application.until(/has ended/u);
  for (const one of [listener, application, server]) await one.interrupt();
  went.print(`A first call, step by step (${lines} lines written by init, none by hand)`);
});

it("with dev: the same in one terminal and another", { timeout: 5 * minutes }, async () => {
  const port = String(await freePort());
  const { folder, went, readEnv, url } = await made("lobby", { OFFHOOK_URL: `http://127.0.0.1:${port}` });
  const dev = await went.goesOn("npx offhook dev -f assistant.yaml -- npm start", {
    folder,
    words: [
      ...offhook,
      "dev",
      "--port",
      port,
      "--forward-to",
      url,
      "-f",
      "assistant.yaml",
      "--",
      "npm",
      "start",
    ],
    ready: /Listening to/u,
  });
  readEnv();
  await went.ends("npx offhook push Reception --from receiver.js", {
    folder,
    words: [...offhook, "push", "Reception", "--from", "receiver.js"],
  });
  const talk = await went.ends('npx offhook call Reception, and "Monday"', {
    folder,
    words: [...offhook, "call", "Reception"],
    input: say,
  });
  expect(talk).toContain("9:00 and 11:30 are free on Monday.");
  await dev.until(/has ended/u);
  expect(await dev.interrupt()).toBe(0);
  went.print("A first call, with dev");
});
