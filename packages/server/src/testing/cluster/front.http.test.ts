import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { type Front, openFront } from "./front.ts";

const servers: Server[] = [];
let front: Front | undefined;

afterEach(async () => {
  await front?.close();
  for (const one of servers.splice(0)) one.close();
});

async function server(name: string): Promise<string> {
  const made = createServer((_request, response) => response.setHeader("connection", "close").end(name));
  servers.push(made.listen(0, "127.0.0.1"));
  await once(made, "listening");
  const place = made.address();
  return `http://127.0.0.1:${typeof place === "object" ? place?.port : 0}`;
}

async function answers(times: number): Promise<string[]> {
  const heard: string[] = [];
  for (let time = 0; time < times; time += 1) heard.push(await (await fetch(front?.url ?? "")).text());
  return heard.toSorted();
}

test("connections take turns, and pass by a server that does not listen", async () => {
  front = await openFront();
  const [one, two] = [await server("one"), await server("two")];
  front.leadTo([one, two]);
  expect(await answers(4)).toEqual(["one", "one", "two", "two"]);
  servers[0]?.close();
  expect(await answers(3)).toEqual(["two", "two", "two"]);
  servers[1]?.close();
  await expect(answers(1)).rejects.toThrow("fetch failed");
});
