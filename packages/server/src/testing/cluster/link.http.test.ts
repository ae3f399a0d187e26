import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sleep, systemClock } from "../../clock.ts";
import { eventually } from "../running-app.ts";
import { type Link, openLink } from "./link.ts";

let server: Server;
let link: Link;
let heard: string;
let ends: Socket[];

beforeEach(async () => {
  heard = "";
  ends = [];
  server = createServer((socket) => {
    ends.push(socket);
    socket
      .on("error", () => undefined)
      .on("data", (piece) => {
        heard += piece.toString();
        socket.write(piece);
      });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  link = await openLink({ port: typeof place === "object" && place !== null ? place.port : 0 });
});
afterEach(async () => {
  await link.close();
  for (const end of ends) end.destroy();
  server.close();
});

function client() {
  const socket = connect(link.port, "127.0.0.1");
  const seen = { echoed: "", state: "open" as "open" | "closed" };
  socket.on("error", () => undefined).on("close", () => (seen.state = "closed"));
  socket.on("data", (piece) => (seen.echoed += piece.toString()));
  return { socket, seen };
}

/** Long enough for what is to arrive on this machine. */
const quiet = () => sleep(systemClock, 80);

test("passes on what both say, and the end", async () => {
  const { socket, seen } = client();
  socket.write("one");
  await eventually(() => seen.echoed === "one");
  socket.end();
  await eventually(() => seen.state === "closed");
  await eventually(() => ends.every(({ destroyed }) => destroyed));
  expect(heard).toBe("one");
});

test("cut: connections break, and new ones too, until it is mended", async () => {
  const before = client();
  before.socket.write("one");
  await eventually(() => before.seen.echoed === "one");
  link.cut();
  await eventually(() => before.seen.state === "closed" && ends.every(({ destroyed }) => destroyed));
  const during = client();
  await eventually(() => during.seen.state === "closed");
  expect(ends).toHaveLength(1);
  link.mend();
  const after = client();
  after.socket.write("two");
  await eventually(() => after.seen.echoed === "two");
});

test("stalled: nothing breaks and nothing arrives, until it is mended", async () => {
  const before = client();
  before.socket.write("one ");
  await eventually(() => before.seen.echoed === "one ");
  link.stall();
  before.socket.write("two ");
  const during = client();
  during.socket.write("three ");
  await quiet();
  expect(heard).toBe("one ");
  expect([before.seen.state, during.seen.state]).toEqual(["open", "open"]);
  link.mend();
  await eventually(() => before.seen.echoed === "one two " && during.seen.echoed === "three ");
});

test("stalled: that one end is gone is not heard at the other before it is mended", async () => {
  const { socket, seen } = client();
  socket.write("one");
  await eventually(() => seen.echoed === "one");
  link.stall();
  socket.destroy();
  await quiet();
  expect(ends.map(({ destroyed }) => destroyed)).toEqual([false]);
  link.mend();
  await eventually(() => ends.every(({ destroyed }) => destroyed));
});
