import { createServer, type RequestListener } from "node:http";
import { Agent, Dispatcher, EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { openTestProxy } from "../../testing/egress-proxy.ts";
import { listen } from "../../testing/listening.ts";
import { directFetch, openModelDispatcher } from "./direct-fetch.ts";
import { type Answer, partsOf } from "./parts.ts";

async function serve(listener: RequestListener) {
  let connections = 0;
  const server = createServer(listener).on("connection", () => (connections += 1));
  const port = await listen(server);
  onTestFinished(() => server.close(() => undefined).closeAllConnections());
  return { url: new URL(`http://127.0.0.1:${port}/v1?x=1`), connections: () => connections };
}

async function textOf(response: Answer): Promise<string> {
  const parts = await Array.fromAsync(partsOf(response));
  return Buffer.concat(parts).toString("utf8");
}

const post = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: "{}",
  redirect: "manual",
  signal: new AbortController().signal,
} as const;

test("asks as it is told, for nothing compressed, and answers with status, headers and body", async () => {
  const asked: unknown[] = [];
  const { url } = await serve((request, response) => {
    const { method, url: path, headers } = request;
    asked.push([
      method,
      path,
      headers["content-type"],
      headers["accept-encoding"],
      headers["content-length"],
    ]);
    response.writeHead(201, { "x-two": ["a", "b"] }).end("hello");
  });
  const response = await directFetch(openModelDispatcher())(url, post);
  expect(asked).toEqual([["POST", "/v1?x=1", "application/json", "identity", "2"]]);
  expect([response.status, response.headers.get("x-two")]).toEqual([201, "a, b"]);
  expect(await textOf(response)).toBe("hello");
});

test("keeps its connection for the next turn", async () => {
  const { url, connections } = await serve((_request, response) => response.end("hello"));
  const fetch = directFetch(openModelDispatcher());
  for (let turn = 0; turn < 3; turn += 1) {
    await textOf(await fetch(url, post));
    await new Promise(setImmediate);
  }
  expect(connections()).toBe(1);
});

test.each(["before it is sent", "before the answer", "midway"])("is called off: %s", async (when) => {
  const ended = Promise.withResolvers<string>();
  const { url } = await serve((_request, response) => {
    response.on("close", () => ended.resolve("closed"));
    if (when === "midway") response.write("hel");
    else stop.abort(new Error("enough"));
  });
  const stop = new AbortController();
  if (when === "before it is sent") stop.abort(new Error("enough"));
  const asked = directFetch(openModelDispatcher())(url, { ...post, signal: stop.signal });
  if (when !== "midway") return expect(asked).rejects.toThrow("enough");
  const text = textOf(await asked);
  stop.abort(new Error("enough"));
  await expect(text).rejects.toThrow("enough");
  expect(await ended.promise).toBe("closed");
});

test("says what no answer can be", async () => {
  const { url } = await serve((_request, response) => response.writeHead(999).end());
  await expect(directFetch(openModelDispatcher())(url, post)).rejects.toThrow(/status/iu);
});

test("does not take the usual agent of another undici, which lets go of connections early", () => {
  const before = getGlobalDispatcher();
  onTestFinished(() => setGlobalDispatcher(before));
  class OfNode extends Dispatcher {}
  Object.defineProperty(OfNode, "name", { value: Agent.name });
  setGlobalDispatcher(new OfNode());
  expect(openModelDispatcher()).toBeInstanceOf(Agent);
});

test("goes through the proxy that Node was told to use", async () => {
  const proxy = await openTestProxy({ status: 502 });
  const before: Dispatcher = getGlobalDispatcher();
  onTestFinished(async () => {
    setGlobalDispatcher(before);
    await proxy.close();
  });
  setGlobalDispatcher(new EnvHttpProxyAgent({ httpsProxy: `http://127.0.0.1:${proxy.port}` }));
  const asked = directFetch(openModelDispatcher())(new URL("https://model.example/v1"), post);
  await expect(asked).rejects.toThrow("502");
  expect(proxy.asked).toMatchObject([{ method: "CONNECT", authority: "model.example:443" }]);
});
