import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAll, type Built, pack } from "./build.ts";
import { published } from "./published.ts";
import { application, expected, typedApplication } from "./testing/application.ts";
import { type Consumer, openConsumer } from "./testing/consumer.ts";

// What is tested here is what would be published: built, packed, installed in an empty folder.
const root = join(import.meta.dirname, "../../..");
const out = mkdtempSync(join(tmpdir(), "offhook-packed-"));
const runtimes = ["node@20.20.2", "bun@1.4.5", "deno@2.9.6", "miniflare@4.20260730.0"];
const minutes = 60_000;

let built: Built[];
let tarballs: string[];
let consumer: Consumer;

beforeAll(async () => {
  built = await buildAll(root, out);
  tarballs = built.map((one) => pack(one, out));
  consumer = openConsumer("application");
  await consumer.install([...tarballs, "zod@4.6.7", "typescript@7.0.2", ...runtimes]);
  consumer.write("application.js", application);
  consumer.write("main.js", 'import { exercise } from "./application.js";\nconsole.log(await exercise());\n');
}, 8 * minutes);

afterAll(() => {
  consumer?.remove();
  rmSync(out, { recursive: true, force: true });
}, 2 * minutes);

describe.each(published.map((name, index) => ({ name, index })))("$name", ({ index }) => {
  it("has nothing that publint would say", async () => {
    const { messages } = await publint({ pkgDir: built[index]!.folder, strict: true });
    expect(messages).toEqual([]);
  });

  it("has the types that it says, wherever ES modules are resolved", async () => {
    const checked = await checkPackage(createPackageFromTarballData(readFileSync(tarballs[index]!)));
    const esm = new Set(["node16-esm", "bundler"]);
    const wrong = "problems" in checked ? checked.problems : [{ kind: "untyped", resolutionKind: "bundler" }];
    expect(wrong.filter((one) => !("resolutionKind" in one) || esm.has(one.resolutionKind))).toEqual([]);
  });

  it("holds scripts, declarations and what a package must say, and depends on zod alone, as a peer", async () => {
    const { folder } = built[index]!;
    const told = JSON.parse(await consumer.run("npm", ["pack", folder, "--dry-run", "--json"]));
    const [listed] = Object.values(told) as [{ files: { path: string }[] }];
    const odd = listed.files
      .map(({ path }) => path)
      .filter((path) => !/^(?:chunks\/)?[a-z]+\.(?:js|d\.ts)$/u.test(path));
    expect(odd.toSorted()).toEqual(["LICENSE", "README.md", "package.json"]);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ peerDependencies: { zod: "^4.0.0" } });
    expect(manifest).not.toHaveProperty("dependencies");
    for (const { path } of listed.files.filter(
      (file) => file.path.endsWith("ts") || file.path.endsWith("js"),
    ))
      expect(readFileSync(join(folder, path), "utf8")).not.toMatch(/from ["']@offhook\/protocol["']/u);
  });
});

describe("an application in an empty folder", () => {
  const shown = (printed: string): unknown => JSON.parse(printed);

  it.each([
    ["the pinned Node", () => consumer.run(process.execPath, ["main.js"])],
    ["Node 20", () => consumer.run(join(consumer.folder, "node_modules/node/bin/node"), ["main.js"])],
    ["Bun", () => consumer.run(join(consumer.folder, "node_modules/.bin/bun"), ["main.js"])],
    ["Deno", () => consumer.run(join(consumer.folder, "node_modules/.bin/deno"), ["run", "-A", "main.js"])],
  ])("runs on %s", async (_, run) => {
    expect(shown(await run())).toEqual(expected);
  });

  it("runs in a Worker, in workerd", async () => {
    const entry =
      'import { exercise } from "./application.js";\nexport default { fetch: async () => new Response(await exercise()) };\n';
    const worker = await bundle(consumer.write("worker.js", entry));
    consumer.write("worker-bundle.js", worker);
    const script = [
      'import { Miniflare } from "miniflare";',
      'const worker = new Miniflare({ modules: true, scriptPath: "worker-bundle.js", compatibilityDate: "2026-01-01" });',
      'console.log(await (await worker.dispatchFetch("http://worker.example/")).text());',
      "await worker.dispose();",
    ];
    consumer.write("miniflare.js", script.join("\n"));
    expect(shown(await consumer.run(process.execPath, ["miniflare.js"]))).toEqual(expected);
  });

  it.each(["nodenext", "bundler"])(
    "compiles with strict types, without any of Node's, resolved as %s does",
    async (resolution) => {
      consumer.write("typed.ts", typedApplication);
      const options = [
        "--strict",
        "--exactOptionalPropertyTypes",
        "--noEmit",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--types",
        "",
      ];
      const modules = [
        "--moduleResolution",
        resolution,
        "--module",
        resolution === "bundler" ? "esnext" : "nodenext",
      ];
      const compiler = join(consumer.folder, "node_modules/.bin/tsc");
      await expect(consumer.run(compiler, [...options, ...modules, "typed.ts"])).resolves.toBe("");
    },
  );

  it("leaves out what it does not use, zod too", async () => {
    const small = await bundle(consumer.write("small.js", 'export { read } from "@offhook/server-url";\n'));
    expect(small).not.toContain("toJSONSchema");
    expect(small).not.toContain("createHmac");
    const whole = await bundle(consumer.write("whole.js", 'export * from "@offhook/server-url";\n'));
    expect(whole).toContain("toJSONSchema");
    expect(whole).toContain("createHmac");
  });
});

async function bundle(input: string): Promise<string> {
  const build = await rolldown({ input, cwd: consumer.folder, platform: "browser" });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}
