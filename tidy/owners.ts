/**
 * Rule 15 as data: what is dangerous everywhere is owned by one file of a
 * package. Paths are globs.
 */
export type Owned = "clock" | "chance" | "timer" | "environment" | "output";

type Owner = { files: readonly string[]; instead: string };

export const owners: Record<Owned, Owner> = {
  clock: {
    files: ["packages/*/src/clock.ts", "bench/**"],
    instead: "take the clock, or the time, as an argument",
  },
  chance: {
    files: ["packages/*/src/random.ts", "bench/**"],
    instead: "take the port random.ts as an argument",
  },
  timer: {
    // The virtual clock lets the event loop turn before it goes on.
    files: [
      "packages/*/src/clock.ts",
      "packages/*/src/testing/virtual-clock.ts",
      "examples/*/main.ts",
      "bench/**",
    ],
    instead: "wait with the clock: clock.after, sleep or within of clock.ts",
  },
  environment: {
    files: [
      "packages/server/src/config.ts",
      "packages/cli/src/environment.ts",
      "vitest.setup.ts",
      "examples/*/main.ts",
      "bench/**",
    ],
    instead: "take the value as an argument from the file that reads the environment",
  },
  output: {
    files: [
      "packages/cli/src/terminal.ts",
      // What a receiver does about a fault when it was not told what to do.
      "packages/server-url/src/fault.ts",
      "packages/reference/src/main.ts",
      "packages/release/src/main.ts",
      "examples/*/main.ts",
      "bench/**",
      "tidy/figures.ts",
    ],
    instead: "use the port log.ts in the server, terminal.ts in the cli",
  },
};

/** Tests of these kinds live in real time and in a real process. */
export const liveTest = /\.(?:pg|nats|browser|crash|slow|http)\.test\.tsx?$/u;

/** `as`, where a file has earned it: how often, and why no schema or type can do it. */
export const casts: Record<string, { times: number; why: string }> = {
  "packages/server/src/conversation/step.ts": {
    times: 1,
    why: "the cell of a table: its state and event fit",
  },
  "packages/server/src/delivery/lane.ts": { times: 1, why: "the cell of a table: its lane and event fit" },
  "packages/server/src/assistants/library.ts": {
    times: 1,
    why: "what was read through the schema when it was saved is trusted when it is read again",
  },
  "bench/harness/child.ts": {
    times: 4,
    why: "what processes of one bench say to each other has the types of the handlers on the other side",
  },
  "packages/protocol/src/entry.ts": { times: 1, why: "a key that hasOwn has just found" },
  "packages/protocol/src/secrecy.ts": { times: 2, why: "a copy of the same shape as what was given" },
};

/** Folders where bytes of our own become values again: `JSON.parse(text) as Row` is their work. */
export const parsing = ["packages/server/src/store/"] as const;
