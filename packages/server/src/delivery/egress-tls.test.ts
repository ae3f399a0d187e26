import { createServer, type Server } from "node:https";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressAnswer } from "./egress-port.ts";

/** For hook.example alone, signed by itself; good until 2120. It guards nothing but this test. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwBOea4ZzKD3iiZmf
kaYLcTUYPA2I0zDHrk0G0PiJrhqhRANCAASl9HF+HH6DdkCYqadptrH6XuR8u8Ro
Gee7Ex67jKejsjiDkZI02wUXeI7ZoO2UiIkdey2V7/5bwhbkkGmhQ0f7
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxob29rLmV4
YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDGhvb2suZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKX0cX4c
foN2QJipp2m2sfpe5Hy7xGgZ57sTHruMp6OyOIORkjTbBRd4jtmg7ZSIiR17LZXv
/lvCFuSQaaFDR/ujSDBGMBcGA1UdEQQQMA6CDGhvb2suZXhhbXBsZTAMBgNVHRME
BTADAQH/MB0GA1UdDgQWBBRTE8pBO74P3vc4/TOnrnLFc/VmbzAKBggqhkjOPQQD
AgNIADBFAiBBmqUTJSO0ASQvm2I1Q8i/LI3CCAtCu6V0gGar2736cgIhAMNyQwVt
4Eqg9zTP8m+IH0WiBU3TOUkK+ibss46dJsHq
-----END CERTIFICATE-----
`;

const trusted = getCACertificates();
let server: Server;
let port: number;
let egress: Egress;
const seen = { connections: 0, resumed: 0, names: new Set<string>() };

beforeAll(async () => {
  server = createServer({ key, cert }, (request, response) => response.end(request.headers.host));
  server.on("secureConnection", (socket: TLSSocket) => {
    seen.connections += 1;
    if (socket.isSessionReused()) seen.resumed += 1;
    seen.names.add(String(socket.servername));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  setDefaultCACertificates(trusted);
  await egress.close();
});

afterAll(() => server.close());

function ask(host: string): Promise<EgressAnswer> {
  const url = `https://${host}:${port}/`;
  const headers = { connection: "close" };
  return egress.send({
    url,
    method: "GET",
    headers,
    timeoutMs: 3_000,
    answerBytesMax: 1_000,
    overLimit: "cut",
  });
}

function open(): void {
  const rules = { networks: [], names: ["hook.example", "other.example"] };
  egress = openEgress({
    rules,
    clock: systemClock,
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
}

test("a certificate that nobody vouches for is not accepted", async () => {
  open();
  const answer = await ask("hook.example");
  const detail = expect.stringMatching(/certificate of hook\.example:\d+ is not accepted/u);
  expect(answer).toMatchObject({
    kind: "unreachable",
    connected: false,
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    detail,
  });
});

test("a trusted one is, for its name, and the session is taken up again", async () => {
  setDefaultCACertificates([...trusted, cert]);
  open();
  const first = await ask("hook.example");
  expect(first).toMatchObject({ kind: "answered", status: 200 });
  expect(first.kind === "answered" && Buffer.from(first.body).toString()).toBe(`hook.example:${port}`);
  expect(await ask("hook.example")).toMatchObject({ kind: "answered" });
  expect([seen.connections, seen.resumed, [...seen.names]]).toEqual([2, 1, ["hook.example"]]);
});

test("a trusted one is not accepted for another name", async () => {
  setDefaultCACertificates([...trusted, cert]);
  open();
  const detail = expect.stringContaining("is not accepted");
  expect(await ask("other.example")).toMatchObject({
    kind: "unreachable",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    detail,
  });
});
