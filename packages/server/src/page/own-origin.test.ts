import { describe, expect, test } from "vitest";
import { type Coming, foreignTo, isOwnHost } from "./own-origin.ts";

const local = "http://127.0.0.1:4600";
const publicly = "https://calls.example.org";

const own: Coming = { method: "POST", host: "127.0.0.1:4600", origin: local, site: "same-origin" };

describe("a session counts", () => {
  test.each<[string, string, Partial<Coming>]>([
    ["for what the page sends", local, {}],
    ["for what it reads, which has no origin", local, { method: "GET", origin: undefined }],
    ["for a look in the address bar", local, { method: "GET", origin: undefined, site: "none" }],
    ["in a browser that does not say who asks", local, { site: undefined }],
    ["by the name localhost", local, { host: "localhost:4600", origin: "http://localhost:4600" }],
    ["by an address of IPv6", local, { host: "[::1]:4600", origin: "http://[::1]:4600" }],
    [
      "by another address of the machine",
      local,
      { host: "192.168.0.7:4600", origin: "http://192.168.0.7:4600" },
    ],
    ["by its public name", publicly, { host: "calls.example.org", origin: publicly }],
    ["behind a proxy that changes host", publicly, { host: "127.0.0.1:4600", origin: publicly }],
  ])("%s", (_, publicUrl, changed) => {
    expect(foreignTo(publicUrl, { ...own, ...changed })).toBeUndefined();
  });
});

describe("a session does not count", () => {
  test.each<[string, Partial<Coming>]>([
    ["for another site's page", { site: "cross-site", origin: "https://evil.example" }],
    ["for another port of the same machine", { site: "same-site", origin: "http://127.0.0.1:9000" }],
    ["for a link on another site", { method: "GET", site: "cross-site", origin: undefined }],
    ["for a write from the address bar", { site: "none" }],
    ["for a write without an origin", { origin: undefined }],
    ["for a write from a page without an origin", { origin: "null" }],
    ["for a foreign origin, whatever the browser says", { origin: "https://evil.example" }],
    ["for an origin that only begins like ours", { origin: "http://127.0.0.1:4600.evil.example" }],
    ["for another port", { origin: "http://127.0.0.1:4601" }],
    ["by a foreign name that leads here", { host: "evil.example:4600", origin: "http://evil.example:4600" }],
    ["by a name that ends in ours", { host: "evil-localhost:4600", origin: "http://evil-localhost:4600" }],
    ["without a host", { host: undefined }],
    ["for a read with a foreign origin", { method: "GET", origin: "https://evil.example", site: undefined }],
  ])("%s", (_, changed) => {
    expect(foreignTo(local, { ...own, ...changed })).toMatch(/session|name/u);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["calls.example.org:443", true],
  ["calls.example.org.evil.example", false],
  ["", false],
  ["a b", false],
])("the host %o is ours: %s", (host, isOurs) => {
  expect(isOwnHost(publicly, host)).toBe(isOurs);
});
