import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serverUrl, tool } from "@offhook/server-url";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { environmentWith } from "../environment.ts";
import { allCases } from "./cases.ts";
import { tallyOf } from "./report.ts";
import { type Judged, runCases } from "./run.ts";

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";
const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
const children: ChildProcess[] = [];
const servers: Server[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of servers) server.close();
});

function ask(url: string, auth: "signature" | "header" = "signature"): Promise<Judged[]> {
  const proof = { secret, auth };
  const known = { name: "findSlots", arguments: { day: "Monday" } };
  const limits = { answerMaxMs: 3_000, waitMaxMs: 10_000, pauseMs: 10 };
  return runCases(allCases, { url, proof, tool: known, limits });
}

const failuresOf = (judged: readonly Judged[]) => judged.filter(({ came }) => came.verdict === "failed");

/** A receiver as a process of its own, which says its address. */
async function started(command: string, args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(command, args, {
    cwd: checkout,
    env: environmentWith(env),
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\S+/u.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`${command} ${args.join(" ")} said no address`);
}

describe("receivers that the kit accepts", () => {
  it.each(["signature", "header"] as const)("ours over node:http, by %s", async (auth) => {
    const receiver = serverUrl({
      secret,
      tools: {
        findSlots: tool({
          description: "Free slots",
          parameters: z.object({ day: z.string() }),
          run: ({ day }) => `9:00 on ${day}`,
        }),
      },
      onFault: () => undefined,
    });
    const server = createServer(receiver.node).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const place = server.address();
    const judged = await ask(`http://127.0.0.1:${typeof place === "object" ? place?.port : 0}/hook`, auth);
    expect(failuresOf(judged)).toEqual([]);
    expect(tallyOf(judged).passed).toBeGreaterThan(40);
  });

  it.each([
    ["the clinic", process.execPath, ["examples/clinic/main.ts"], { CLINIC_SECRET: secret }],
    [
      "plain Node",
      process.execPath,
      ["examples/receivers/receiver.mjs"],
      { SERVER_URL_SECRET: secret, PORT: "0" },
    ],
    ["Python", "python3", ["examples/receivers/receiver.py"], { SERVER_URL_SECRET: secret, PORT: "0" }],
  ])("%s", async (_name, command, args, env) => {
    const judged = await ask(await started(command, args, { ...env }));
    expect(failuresOf(judged)).toEqual([]);
    expect(tallyOf(judged)).toMatchObject({ failed: 0, skipped: 3 });
  });
});
