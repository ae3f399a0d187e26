import { request } from "node:http";
import { isIPv6, type Socket } from "node:net";
import { ConnectError } from "./egress-failure.ts";

/** The proxy that the operator sends everything through (`OFFHOOK_EGRESS_PROXY`). */
export type EgressProxy = { host: string; port: number; authorization: string | undefined };

export type ParsedProxy = { kind: "proxy"; proxy: EgressProxy } | { kind: "fault"; fault: string };

const defaultPort = 80;

/** Reads `OFFHOOK_EGRESS_PROXY`: `http://[user:password@]host[:port]`. A fault never repeats what was given: it may hold a password. */
export function parseProxy(text: string): ParsedProxy {
  const url = URL.parse(text);
  const form =
    "write it as http://proxy.example.org:3128, with user:password@ in front of the host if needed";
  if (url === null || url.hostname === "") return { kind: "fault", fault: `it is not a URL: ${form}` };
  if (url.protocol !== "http:")
    return { kind: "fault", fault: `only a proxy at http:// can be used: ${form}` };
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return { kind: "fault", fault: `nothing may follow its host and port: ${form}` };
  const { username, password } = url;
  const user = unescaped(`${username}:${password}`);
  if (user === undefined)
    return { kind: "fault", fault: `in its user or password a % is not followed by two hex digits: ${form}` };
  const authorization =
    username === "" && password === "" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`;
  const host = url.hostname.replace(/^\[(.*)\]$/u, "$1");
  return { kind: "proxy", proxy: { host, port: Number(url.port) || defaultPort, authorization } };
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A connection through the proxy to an address that was checked, or a name that the operator allows (CONNECT, RFC 9110, 9.3.6). */
export function tunnel(
  proxy: EgressProxy,
  target: { address: string; port: number },
  opened: { destroy(): unknown }[],
): Promise<Socket> {
  const authority = `${isIPv6(target.address) ? `[${target.address}]` : target.address}:${target.port}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.authorization !== undefined) headers["proxy-authorization"] = proxy.authorization;
  return new Promise((resolve, reject) => {
    const { host, port } = proxy;
    const asked = request({ host, port, method: "CONNECT", path: authority, headers, agent: false });
    opened.push(asked);
    asked.on("error", (error) => reject(unreachable(error)));
    asked.on("response", ({ statusCode }) => reject(refused(statusCode ?? 0)));
    asked.on("connect", ({ statusCode = 0 }, socket: Socket, head) => {
      opened.push(socket);
      socket.on("error", () => {});
      if (statusCode < 200 || statusCode > 299) return reject(refused(statusCode));
      socket.setNoDelay(true).setKeepAlive(true);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.end();
  });
}

function unreachable(cause: Error): ConnectError {
  return new ConnectError("proxy-unreachable", "the egress proxy cannot be reached", { cause });
}

function refused(status: number): ConnectError {
  const why = status === 407 ? ": it wants a user and a password" : "";
  return new ConnectError("proxy-refused", `the egress proxy answered ${status} to CONNECT${why}`);
}
