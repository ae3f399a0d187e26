import { describe, expect, it } from "vitest";
import { plant } from "./plant.ts";
import { checkRooms } from "./rooms.ts";

const home = "packages/server/src";

/** What the rule says of one file that holds one line. */
function said(path: string, line: string): string[] {
  const known = ["app", "config", "store", "clock", "store/sqlite/open", "delivery/attempt", "calls/place"];
  const rest = Object.fromEntries(known.map((name) => [`${home}/${name}.ts`, "export const one = 1;\n"]));
  return checkRooms(plant({ ...rest, [`${home}/${path}`]: `${line}\n` }));
}

describe("rule 2: rooms", () => {
  it("sends who opens an implementation to its port", () => {
    expect(said("calls/end.ts", 'import { open } from "../store/sqlite/open.ts";')).toEqual([
      "packages/server/src/calls/end.ts:1 opens store/sqlite/open.ts; " +
        "use the port store.ts; app.ts hands you what implements it",
    ]);
  });

  it.each([
    [
      "a room that the table keeps shut",
      "delivery/lane-row.ts",
      'import { place } from "../calls/place.ts";',
    ],
    ["a type of such a room", "delivery/lane-row.ts", 'import type { Place } from "../calls/place.ts";'],
    ["a type inside a type", "delivery/lane-row.ts", 'type Place = import("../calls/place.ts").Place;'],
    ["an export from it", "delivery/lane-row.ts", 'export { place } from "../calls/place.ts";'],
    ["a late import", "delivery/lane-row.ts", 'export const later = () => import("../calls/place.ts");'],
    [
      "a worker of another room",
      "calls/x.ts",
      'new Worker(new URL("../store/sqlite/open.ts", import.meta.url));',
    ],
    ["the config", "calls/end.ts", 'import type { Config } from "../config.ts";'],
    ["the app", "calls/end.ts", 'import { app } from "../app.ts";'],
    ["a room from the process", "main.ts", 'import { place } from "./calls/place.ts";'],
    ["a room from a port", "log.ts", 'import { place } from "./calls/place.ts";'],
    ["a room that is not in the table", "billing/x.ts", "export const one = 1;"],
    ["a file at the root that is no port", "dates.ts", "export const one = 1;"],
    ["a package in a pure part", "conversation/step.ts", 'import { readFileSync } from "node:fs";'],
    ["the value of a port in a pure part", "delivery/lane.ts", 'import { systemClock } from "../clock.ts";'],
  ])("finds %s", (_, path, line) => {
    expect(said(path, line)).toHaveLength(1);
  });

  it.each([
    ["a port", "calls/end.ts", 'import { sleep } from "../clock.ts";'],
    ["a room of the table", "calls/end.ts", 'import { attempt } from "../delivery/attempt.ts";'],
    ["its own room", "store/sqlite/read.ts", 'import { open } from "./open.ts";'],
    [
      "the app, which opens all",
      "app.ts",
      'import { open } from "./store/sqlite/open.ts"; import { read } from "./config.ts";',
    ],
    [
      "the type of a port in a pure part",
      "conversation/step.ts",
      'import type { Store } from "../store.ts";',
    ],
    ["the protocol in a pure part", "conversation/step.ts", 'import { uuidOf } from "@offhook/protocol";'],
    ["a test, which is free", "delivery/x.test.ts", 'import { place } from "../calls/place.ts";'],
    ["a fake, which is free", "testing/server.ts", 'import { place } from "../calls/place.ts";'],
  ])("passes %s", (_, path, line) => {
    expect(said(path, line)).toEqual([]);
  });
});
