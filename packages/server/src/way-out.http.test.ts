import type { JsonObject } from "@offhook/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, toConfig } from "./config.ts";
import { textAt } from "./http/testing/api.ts";
import { makeAuthority, makeCertificate } from "./testing/certificates.ts";
import { openTestProxy } from "./testing/egress-proxy.ts";
import { eventually, idIn, runApp } from "./testing/running-app.ts";
import { openTlsReceiver } from "./testing/tls-receiver.ts";

/** A whole server that reaches its applications by the way that was set for them. */
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

function kept<One extends { close(): Promise<void> }>(one: One): One {
  opened.push(one);
  return one;
}

const assistant = (more: JsonObject): JsonObject => ({
  name: "Echo",
  assistantProvider: "rehearsal",
  ...more,
});
const connect = "/calls/v1/conversations/connect";

type Api = Awaited<ReturnType<typeof runApp>>["api"];

/** The attempts of a call's first event, when there are any. */
async function attemptsOf(api: Api, callId: string): Promise<JsonObject[]> {
  const shown = async (): Promise<JsonObject[]> => {
    const { body } = await api("GET", `/events/v1/deliveries/evt_${callId}_1`);
    return (body["attemptLog"] ?? []) as JsonObject[];
  };
  await eventually(async () => (await shown()).length > 0);
  return shown();
}

describe("an egress proxy", () => {
  it("is what events go through, with its credentials, and the attempts tell of the phases", async () => {
    const authorization = `Basic ${Buffer.from("us:hidden-7").toString("base64")}`;
    const proxy = kept(await openTestProxy({ authorization }));
    const env = { OFFHOOK_EGRESS_PROXY: `http://us:hidden-7@127.0.0.1:${proxy.port}` };
    const { api, serverUrl, receiver } = kept(await runApp({ env }));
    const { body } = await api("POST", connect, {
      assistant: assistant({ assistantServer: { url: serverUrl } }),
    });
    await receiver.arrived(1);
    const attempts = await attemptsOf(api, idIn(body));
    expect(attempts).toMatchObject([
      {
        outcome: "accepted",
        phases: { dnsMs: null, connectMs: expect.any(Number), tlsMs: null, firstByteMs: expect.any(Number) },
      },
    ]);
    expect(proxy.asked[0]).toMatchObject({ method: "CONNECT", authority: `127.0.0.1:${receiver.port}` });
    expect(JSON.stringify([attempts, receiver.requests])).not.toMatch(/hidden-7|proxy-authorization/u);
  });

  it("that cannot be used is a mistake among the others, and is not repeated", () => {
    const env = { OFFHOOK_EGRESS_PROXY: "socks5://us:hidden-8@127.0.0.1", OFFHOOK_PORT: "x" };
    const read = (): unknown => toConfig(env);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/OFFHOOK_PORT[\s\S]+OFFHOOK_EGRESS_PROXY: only a proxy at http:\/\//u);
    expect(read).not.toThrow(/hidden-8/u);
  });
});

describe("a client certificate", () => {
  it("is shown to the Server URL and to the tool that it was saved for, each its own", async () => {
    const authority = await makeAuthority("ours");
    const [server, events, tool] = await Promise.all(
      ["localhost", "events-client", "tool-client"].map((name) => makeCertificate({ name, by: authority })),
    );
    const ca = authority.cert;
    const demanding = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    const receiver = kept(await openTlsReceiver(demanding));
    const url = `https://localhost:${receiver.port}/`;
    const { api } = kept(await runApp());
    const stored = await api(
      "POST",
      "/assistants/v1/assistants",
      assistant({ assistantServer: { url, tls: { ca, ...events } } }),
    );
    const made = await api("POST", "/assistants/v1/tools", {
      name: "look",
      server: { url, tls: { ca, ...tool } },
    });
    expect([stored.status, made.status]).toEqual([201, 201]);
    const call = await api("POST", connect, { assistantId: stored.body["_id"] });
    await api("POST", `/assistants/v1/tools/${textAt(made.body, "_id")}/test`, {});
    expect(await attemptsOf(api, idIn(call.body))).toMatchObject([
      { outcome: "accepted", phases: { tlsMs: expect.any(Number) } },
    ]);
    const clientOf = (isEvent: boolean): Set<string> =>
      new Set(
        receiver.requests
          .filter(({ body }) => body.includes("status-update") === isEvent)
          .map(({ client }) => client),
      );
    expect([clientOf(true), clientOf(false)]).toEqual([new Set(["events-client"]), new Set(["tool-client"])]);
    const sample = await api("POST", "/events/v1/test", { url, tls: { ca, ...tool } });
    expect(sample.body).toMatchObject({ outcome: "accepted", phases: { firstByteMs: expect.any(Number) } });
    const asKept = await api("POST", "/events/v1/test", { assistantId: stored.body["_id"] });
    expect(asKept.body).toMatchObject({ outcome: "accepted" });
    const bare = await api("POST", "/events/v1/test", { url, tls: { ca } });
    expect(bare.body).toMatchObject({ outcome: "unreachable" });
  });
});
