import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { teamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answered, type Api, apiOf, expectProblem } from "./testing/api.ts";
import { openServer, type TestServer } from "./testing/open-server.ts";

let server: TestServer;
let api: Api;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "offhook-page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>the page</title>");
  writeFileSync(join(folder, "assets/main-abc.js"), `export const a = "${"a".repeat(4_000)}";`);
  writeFileSync(join(folder, "secret.pem"), "no page");
  server = await openServer({ pageFolder: folder });
  api = apiOf(server);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const assistants = "/assistants/v1/assistants";
const fromPage = (): Record<string, string> => ({ origin: server.url, "sec-fetch-site": "same-origin" });

function signIn(json: unknown, headers = fromPage()): Promise<Answered> {
  return api("POST", "/session", { key: null, json, headers });
}

function cookieIn({ headers }: Answered): string {
  return headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

describe("signing in", () => {
  test("with an API key gives a cookie that no script reads and no other site sends", async () => {
    const signed = await signIn({ apiKey: server.key });
    expect(signed.status).toBe(200);
    expect(signed.body["teamId"]).toBe("default");
    expect(signed.headers.get("set-cookie")).toMatch(
      /^offhook_session=[\w.-]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/u,
    );
  });

  test("with a ticket works once", async () => {
    const ticket = server.page.sessions.makeTicket(teamId.parse("other"));
    expect((await signIn({ ticket })).body["teamId"]).toBe("other");
    expectProblem(await signIn({ ticket }), 401, "unauthorized");
  });

  test.each([
    ["an unknown key", { apiKey: "ohk_unknown" }, 401],
    ["an unknown ticket", { ticket: "x" }, 401],
    ["nothing", {}, 422],
    ["both", { apiKey: "a", ticket: "b" }, 422],
  ])("with %s is refused", async (_, json, status) => {
    const refused = await signIn(json);
    expect(refused.status).toBe(status);
    expect(refused.headers.get("set-cookie")).toBeNull();
  });

  test("from another site is refused, with a right key too", async () => {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expectProblem(await signIn({ apiKey: server.key }, headers), 401, "unauthorized");
  });
});

describe("a session", () => {
  let cookie: string;
  beforeEach(async () => (cookie = cookieIn(await signIn({ apiKey: server.otherKey }))));
  const ask = (
    method: string,
    path: string,
    more: { json?: unknown; headers?: Record<string, string> } = {},
  ) => api(method, path, { key: null, ...more, headers: { ...fromPage(), cookie, ...more.headers } });

  test("stands for the key, and its team", async () => {
    const made = await ask("POST", assistants, { json: { name: "Ada" } });
    expect(made.status).toBe(201);
    expect((await ask("GET", assistants)).body["totalCount"]).toBe(1);
    expect((await api("GET", assistants)).body["totalCount"]).toBe(0);
    expect((await ask("GET", "/session")).body["teamId"]).toBe("other");
  });

  test.each([
    ["a write from another site", "POST", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a write from another port", "POST", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["a read from another site", "GET", { "sec-fetch-site": "cross-site" }],
  ])("does not count for %s", async (_, method, headers) => {
    const asked = { headers, ...(method === "POST" ? { json: { name: "Eve" } } : {}) };
    expectProblem(await ask(method, assistants, asked), 401, "unauthorized");
  });

  test("does not count under a name that is not ours", async () => {
    expect(await statusUnder("evil.example", assistants, cookie)).toBe(401);
    expect(await statusUnder("localhost", assistants, cookie)).toBe(200);
  });

  test("ends when it is signed out", async () => {
    expect((await ask("DELETE", "/session")).headers.get("set-cookie")).toMatch(
      /^offhook_session=; Max-Age=0/u,
    );
    expectProblem(await ask("GET", assistants), 401, "unauthorized");
    expectProblem(await ask("GET", "/session"), 401, "unauthorized");
  });

  test("does not stand in for a wrong key", async () => {
    expectProblem(
      await ask("GET", assistants, { headers: { authorization: "Bearer no" } }),
      401,
      "unauthorized",
    );
  });
});

test("a session ends with its key", async () => {
  const kept = await openServer({ pageFolder: folder, knowsKey: async () => false });
  const asked = apiOf(kept);
  const headers = { origin: kept.url, "sec-fetch-site": "same-origin" };
  const cookie = cookieIn(
    await asked("POST", "/session", { key: null, json: { apiKey: kept.key }, headers }),
  );
  expectProblem(
    await asked("GET", assistants, { key: null, headers: { ...headers, cookie } }),
    401,
    "unauthorized",
  );
  await kept.close();
});

describe("the page", () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { headers, redirect: "manual" });

  test.each(["/console", "/console/", "/console/calls/TC-1", "/console/../console/talk"])(
    "is at %s",
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("cache-control")).toBe("no-cache");
      expect(await answer.text()).toContain("the page");
    },
  );

  test("lets nothing in from elsewhere, and nothing inline", async () => {
    const policy = (await get("/console/")).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/u);
  });

  test("has files that never change under their names, and compresses them", async () => {
    const answer = await get("/console/assets/main-abc.js");
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect(await answer.text()).toHaveLength(4_020);
    const plain = await get("/console/assets/main-abc.js", { "accept-encoding": "identity" });
    expect(plain.headers.get("content-encoding")).toBeNull();
  });

  test.each([
    "/console/assets/main-old.js",
    "/console/assets/..%2fsecret.pem",
    "/console/assets/%2e%2e/secret.pem",
  ])("gives no file for %s", async (path) => {
    const answer = await get(path);
    expect(await answer.text()).not.toContain("no page");
    expect([200, 404]).toContain(answer.status);
  });

  test("is where a browser is sent that comes to the server", async () => {
    const browser = await get("/", { accept: "text/html,application/xhtml+xml" });
    expect([browser.status, browser.headers.get("location")]).toEqual([302, "/console/"]);
    expect((await get("/")).status).toBe(200);
  });

  test("is not shown under a name that is not ours", async () => {
    expect(await statusUnder("evil.example", "/console/", "")).toBe(421);
  });

  test("says how it is built when it is not", async () => {
    const bare = await openServer();
    const answer = await fetch(`${bare.url}/console/`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("npm run build")]);
    await bare.close();
  });
});

/** Asks under another name for the same server, as after DNS rebinding. */
function statusUnder(name: string, path: string, cookie: string): Promise<number | undefined> {
  const headers = { host: `${name}:${server.port}`, "sec-fetch-site": "same-origin", cookie };
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port: server.port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
