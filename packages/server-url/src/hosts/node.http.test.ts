import { EventEmitter, once } from "node:events";
import { createServer, request as send, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { serverUrl, type ServerUrlOptions } from "../receiver.ts";
import { answerOf, moment, post, secret } from "../testing/post.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** Listens with a receiver and gives its address and port. */
async function listen(
  options: Partial<ServerUrlOptions> = {},
  before?: (request: AsyncIterable<unknown>) => Promise<void>,
) {
  const receiver = serverUrl({ secret, now: () => moment, ...options });
  server = createServer((request, response) => {
    if (before === undefined) receiver.node(request, response);
    else void before(request).then(() => receiver.node(request, response));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, url: `http://127.0.0.1:${port}/offhook` };
}

describe("behind node:http", () => {
  it("hands over the body as it came, with its address and headers", async () => {
    const seen: unknown[] = [];
    const { url } = await listen({
      onExchange: ({ path, body, received }) => seen.push(path, body, received?.kind),
    });
    const text = '{ "message" : {"type":"hang", "note":"ü – 東京"} }';
    expect(await answerOf(await fetch(await post(text, { url: `${url}?a=b` })))).toEqual({
      status: 200,
      body: { received: true },
    });
    expect(seen).toEqual(["/offhook", text, "event"]);
  });

  it("reads a body of many pieces", async () => {
    const { url } = await listen();
    const body = { message: { type: "hang", note: "x".repeat(4_000_000) } };
    expect((await fetch(await post(body, { url }))).status).toBe(200);
  });

  it("lets the sender of too long a body read the answer", async () => {
    const { url } = await listen();
    for (let round = 0; round < 5; round++) {
      const answer = await answerOf(await fetch(await post("x".repeat(12_000_000), { url })));
      expect(answer).toMatchObject({ status: 413 });
    }
  });

  it("lets a sender finish that reads no answer before", async () => {
    const { url } = await listen();
    const headers = { "content-type": "application/json", "content-length": "12000000" };
    const sent = send(url, { method: "POST", headers });
    const answered = once(sent, "response");
    sent.end("x".repeat(12_000_000));
    await once(sent, "finish");
    const [response] = await answered;
    expect(response.resume().statusCode).toBe(413);
  });

  it("lets the sender of too long a body of unknown length read the answer", async () => {
    const { url } = await listen();
    const pieces = new Blob(["x".repeat(12_000_000)]).stream();
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: pieces,
      duplex: "half",
    };
    expect((await fetch(url, init)).status).toBe(413);
  });

  it.each(["GET", "HEAD", "DELETE", "TRACE", "PUT"])("refuses %s", async (method) => {
    const { url } = await listen();
    const status = await new Promise((resolve, reject) => {
      send(url, { method }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(405);
  });

  it("says so when a body parser was there first", async () => {
    const { url } = await listen({}, async (request) => {
      for await (const _ of request);
    });
    const { status, body } = await answerOf(await fetch(await post("{}", { url })));
    expect({ status, body }).toEqual({
      status: 500,
      body: { error: expect.stringContaining("before any body parser") },
    });
  });

  it("answers where a connection closes without a word, as in HTTP/2", async () => {
    const silent = {
      method: "POST",
      url: "/",
      headers: { "content-type": "application/json" },
      readableEnded: false,
    };
    const request = Object.assign(new EventEmitter(), silent, {
      pause: () => undefined,
      resume: () => undefined,
    });
    const response = { statusCode: 0, setHeader: () => undefined, end: (_: string) => ended.resolve() };
    const ended = Promise.withResolvers<void>();
    serverUrl({ secret }).node(request, response);
    await new Promise((resolve) => setTimeout(resolve, 20));
    request.emit("close");
    await ended.promise;
    expect(response.statusCode).toBe(400);
  });

  it("survives a sender that leaves in the middle, and addresses that are none", async () => {
    const { promise: refused, resolve } = Promise.withResolvers<number>();
    const { port, url } = await listen({ onExchange: ({ answered }) => resolve(answered.status) });
    const head =
      "POST //[bad HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    const socket = connect(port, "127.0.0.1", () => socket.write(head, () => socket.destroy()));
    expect(await refused).toBe(400);
    expect((await fetch(await post("{}", { url }))).status).toBe(200);
  });
});
