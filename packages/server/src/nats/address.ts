/** Where NATS is: one server, or several of a cluster, with what lets us in. */
export type NatsAddress = {
  /** `host:port` of each. */
  servers: readonly string[];
  user?: string;
  password?: string;
  token?: string;
  isTls: boolean;
};

const example = "nats://nats:4222 (several servers with commas; tls:// for TLS)";

/** Reads `nats://user:password@host:port,…`. The fault does not repeat what was written: it may hold a password. */
export function parseNatsAddress(text: string): NatsAddress | { fault: string } {
  const urls = text.split(",").map((part) => URL.parse(part.trim()));
  const [first] = urls;
  if (first == null || urls.some((url) => url === null || !isServer(url)))
    return { fault: `it must be an address of NATS, such as ${example}` };
  const servers = urls.flatMap((url) => (url === null ? [] : [`${url.hostname}:${url.port || "4222"}`]));
  const isTls = first.protocol === "tls:";
  if (urls.some((url) => url?.protocol !== first.protocol))
    return { fault: "its servers must be all nats:// or all tls://" };
  const [user, password] = [decode(first.username), decode(first.password)];
  if (user === undefined || password === undefined)
    return { fault: "its user or password is not rightly percent-encoded" };
  if (user === "") return { servers, isTls };
  return password === "" ? { servers, isTls, token: user } : { servers, isTls, user, password };
}

function isServer({ protocol, hostname, pathname, search, hash }: URL): boolean {
  const isBare = /^\/?$/u.test(pathname) && search === "" && hash === "";
  return /^(?:nats|tls):$/u.test(protocol) && hostname !== "" && isBare;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
