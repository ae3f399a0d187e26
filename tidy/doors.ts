/**
 * Who may open which door, as data. To let one part open another, write it
 * here with the reason; the rules in rooms.ts and packages.ts read it.
 */

/** The ports: small interfaces at the root of the server, open to every room. */
export const ports = [
  "bus",
  "channel",
  "clock",
  "log",
  "model",
  "peers",
  "random",
  "store",
  "telemetry",
] as const;

/** The rooms of the server, and the other rooms that each may open. */
export const rooms: Record<string, readonly string[]> = {
  analysis: [],
  assistants: [],
  bus: ["nats"],
  calls: ["analysis", "assistants", "conversation", "delivery", "tools"],
  channels: [],
  // Who is there, and who holds what; what it does with calls and lanes it is given by `app.ts`.
  // `calls` to stand in their place for those that another server holds; `bus`, `nats` and `peers` to open
  // the ways between servers that the configuration names.
  cluster: ["bus", "calls", "nats", "peers"],
  conversation: [],
  delivery: [],
  // `tools` for the route that tries a tool out, `/tools/{id}/test`: it is no call, so no call stands between.
  // `listening` to attach a listener's stream, and to hear its answers.
  http: ["assistants", "calls", "delivery", "listening", "page", "tools"],
  // A listener stands in the place of the egress: it takes the same requests.
  listening: ["delivery"],
  live: ["assistants", "calls", "delivery", "tools"],
  log: [],
  models: [],
  // The one connection to NATS; `bus` and `peers` say what goes over it.
  nats: [],
  peers: ["nats"],
  retention: [],
  // The page's files and the sessions of those who look at it; `http` answers with them.
  page: [],
  store: [],
  telemetry: [],
  // A tool call is an ask: it shares the attempt, the signature and the guard with the tells.
  tools: ["delivery"],
};

/** The files at the root of the server that are no ports, and what each may open. */
export const rootFiles: Record<string, { rooms: "all" | "none" | string[]; files: readonly string[] }> = {
  app: { rooms: "all", files: ["config", "rooms"] },
  // It reads OFFHOOK_EGRESS_ALLOW and OFFHOOK_BUS with the rooms' own words, so that all mistakes are told at once.
  config: { rooms: ["delivery", "nats", "retention"], files: [] },
  main: { rooms: "none", files: ["app", "config"] },
  // How the rooms are connected, without the engines behind the ports: tests connect them the same way.
  rooms: { rooms: "all", files: [] },
  // The package's entry: what an embedding program is given.
  server: { rooms: "none", files: ["app", "config"] },
};

/** Where to go instead of the room behind a port. */
export const portOf: Record<string, string> = {
  bus: "bus.ts",
  channels: "channel.ts",
  models: "model.ts",
  peers: "peers.ts",
  store: "store.ts",
  telemetry: "telemetry.ts",
};

/** Parts that decide and never act: no package but the protocol, and of the ports only their types. */
export const pure = ["packages/server/src/conversation/", "packages/server/src/delivery/lane.ts"] as const;

/** Parts that also run in a browser: nothing from Node. */
export const browser = ["packages/client/src/", "packages/console/src/", "packages/protocol/src/"] as const;

/** The workspaces, by folder, and the packages of ours that each may open, by their published entries. */
export const workspaces: Record<string, readonly string[]> = {
  "packages/protocol": [],
  "packages/server-url": ["@offhook/protocol"],
  "packages/client": ["@offhook/protocol"],
  "packages/server": ["@offhook/protocol"],
  // The server, to start it: `offhook serve`, `offhook demo`.
  "packages/cli": ["@offhook/client", "@offhook/protocol", "@offhook/server"],
  "packages/console": ["@offhook/client", "@offhook/protocol"],
  // The server, which says what its API and its messages are.
  "packages/reference": ["@offhook/protocol", "@offhook/server"],
  // It packs packages and opens none.
  "packages/release": [],
  "examples/*": ["@offhook/client", "@offhook/protocol", "@offhook/server-url"],
  bench: ["@offhook/client", "@offhook/protocol", "@offhook/server", "@offhook/server-url"],
  tidy: [],
};
