import { defaultTeam } from "@offhook/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Api, apiOf, type Asked, expectProblem, textAt } from "./api.ts";
import { openServer, smallAssistant, type TestServer } from "./open-server.ts";

/** A request that is refused. In its path, `{call}` is a call that lives. */
export type Bad = {
  what: string;
  ask: [method: string, path: string, asked?: Asked];
  status: number;
  /** Of the faults that are told. */
  paths?: string[];
};

export const paths = {
  assistants: "/assistants/v1/assistants",
  tools: "/assistants/v1/tools",
  numbers: "/assistants/v1/numbers",
  conversations: "/calls/v1/conversations",
  connect: "/calls/v1/conversations/connect",
  call: "/calls/v1/conversations/{call}",
} as const;

/** Sends each, and looks that it is refused as it should be and that nothing is stored because of it. */
export function testBadRequests(group: string, table: readonly Bad[]): void {
  describe(`bad ${group}`, () => {
    let server: TestServer;
    let api: Api;
    let callId: string;
    beforeAll(async () => {
      server = await openServer();
      api = apiOf(server);
      callId = textAt((await api("POST", paths.connect, { json: { assistant: smallAssistant } })).body, "id");
    });
    afterAll(() => server.close());

    test.each(table)("$what: $status", async ({ ask: [method, path, asked], status, paths: expected }) => {
      const before = await everythingStored(server);
      const answered = await api(method, path.replace("{call}", callId), asked);
      expectProblem(answered, status);
      if (expected !== undefined) expect(faultsIn(answered.body).toSorted()).toEqual(expected.toSorted());
      expect(await everythingStored(server)).toEqual(before);
    });
  });
}

const faults = z.looseObject({ errors: z.array(z.object({ path: z.string(), message: z.string().min(5) })) });

function faultsIn(body: unknown): string[] {
  return faults.parse(body).errors.map(({ path }) => path);
}

/** All that a bad request could have left behind. */
async function everythingStored({ store }: TestServer): Promise<unknown> {
  const team = { teamId: defaultTeam, offset: 0, limit: 100 };
  const kinds = ["assistant", "tool", "number"] as const;
  return {
    documents: await Promise.all(kinds.map((kind) => store.listDocuments(kind, team))),
    calls: await store.listCalls(team),
    entries: await store.entriesOfTeam({ teamId: defaultTeam, after: 0, limit: 500 }),
    lanes: await store.dueLanes({ now: Number.MAX_SAFE_INTEGER, limit: 100 }),
  };
}
