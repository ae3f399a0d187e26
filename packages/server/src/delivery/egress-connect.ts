import { lookup as nodeLookup } from "node:dns/promises";
import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { type Clock, timedOut, within } from "../clock.ts";
import { codeOf, ConnectError, ForbiddenError } from "./egress-failure.ts";
import { checkAddress, checkName, literalOf, sameAddress } from "./guard.ts";
import type { GuardRules } from "./guard-allow.ts";

/** Looks a name up: all its addresses. */
export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

export const systemLookup: Lookup = (host) => nodeLookup(host, { all: true });

/** What a connection may take, in ms, beside the time that its request has. */
export const connectLimits = { lookupMsMax: 5_000, connectMsMax: 10_000, addressesTriedMax: 8 } as const;

type Connecting = { rules: GuardRules; clock: Clock; lookup: Lookup };
type Target = { host: string; port: number; secure: boolean };
type Pinned = readonly { address: string; family: number }[];

/**
 * Makes the connections to one origin. The name is looked up once for a
 * connection, all its addresses are checked, only those that were checked are
 * connected to, and the socket is asked whom it reached.
 */
export function guardedConnector(connecting: Connecting): buildConnector.connector {
  const pin = oneAtATime((host: string) => pinnedAddresses(host, connecting));
  const resumption: Resumption = { session: undefined };
  return (options, callback) => {
    const host = literalOf(options.hostname) ?? options.hostname;
    const secure = options.protocol === "https:";
    const target = { host, secure, port: Number(options.port) || (secure ? 443 : 80) };
    void pin(host)
      .then((pinned) => open({ ...target, pinned }, connecting, resumption))
      .then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(asError(error), null),
      );
  };
}

/** Those who ask while an answer is under way share it; it is not kept. */
function oneAtATime<Key, Value>(ask: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const underWay = new Map<Key, Promise<Value>>();
  return (key) => {
    const shared = underWay.get(key) ?? ask(key).finally(() => underWay.delete(key));
    underWay.set(key, shared);
    return shared;
  };
}

async function pinnedAddresses(host: string, { rules, clock, lookup }: Connecting): Promise<Pinned> {
  const literal = literalOf(host);
  if (literal !== undefined) {
    const refusal = checkAddress(literal, rules);
    if (refusal !== undefined) throw new ForbiddenError(refusal);
    return [{ address: literal, family: literal.includes(":") ? 6 : 4 }];
  }
  const found = await within(clock, connectLimits.lookupMsMax, lookUp(lookup, host));
  if (found === timedOut) throw new ConnectError("lookup-timed-out", "the look-up took too long");
  if (found.length === 0) throw new ConnectError("ENOTFOUND", "the name has no address");
  const addresses = found.map(({ address }) => address);
  const refusal = checkName(host, addresses, rules);
  if (refusal !== undefined) throw new ForbiddenError(refusal);
  return found.slice(0, connectLimits.addressesTriedMax);
}

async function lookUp(lookup: Lookup, host: string): Promise<Pinned> {
  try {
    return await lookup(host);
  } catch (error) {
    throw new ConnectError(codeOf(error), "the name could not be looked up", { cause: error });
  }
}

type Resumption = { session: Buffer | undefined };

async function open(
  target: Target & { pinned: Pinned },
  { clock }: Connecting,
  resumption: Resumption,
): Promise<Socket> {
  const opened: Socket[] = [];
  const socket = await within(clock, connectLimits.connectMsMax, reach(target, resumption, opened)).catch(
    (error: unknown) => {
      for (const one of opened) one.destroy();
      if (error instanceof ForbiddenError || error instanceof ConnectError) throw error;
      throw new ConnectError(codeOf(error), error instanceof Error ? error.message : "it failed", {
        cause: error,
      });
    },
  );
  if (socket !== timedOut) return socket;
  for (const one of opened) one.destroy();
  throw new ConnectError("connect-timed-out", "the connection took too long");
}

/** Every socket that is opened goes into `opened`, so that it can be closed whatever happens. */
async function reach(
  target: Target & { pinned: Pinned },
  resumption: Resumption,
  opened: Socket[],
): Promise<Socket> {
  const { host, port, pinned } = target;
  const plain = connectTcp({
    host,
    port,
    lookup: answerWith(pinned),
    autoSelectFamily: true,
    noDelay: true,
    keepAlive: true,
  });
  opened.push(plain);
  await event(plain, "connect");
  checkReached(plain, pinned);
  if (!target.secure) return plain;
  const secure = connectTls({
    socket: plain,
    host,
    servername: literalOf(host) === undefined ? host : "",
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: true,
    ...(resumption.session === undefined ? {} : { session: resumption.session }),
  });
  opened.push(secure);
  secure.on("session", (session) => (resumption.session = session));
  await event(secure, "secureConnect");
  return secure;
}

/** The listener for errors stays, so that a late one is nobody's surprise. */
function event(socket: Socket | TLSSocket, name: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, () => resolve()).on("error", reject);
  });
}

/** A look-up that answers with what was checked, whatever it is asked. */
function answerWith(pinned: Pinned): LookupFunction {
  return (_host, options, callback) => {
    const [first] = pinned;
    if (options.all) callback(null, [...pinned]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function checkReached(socket: Socket, pinned: Pinned): void {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) throw new ConnectError("ECONNRESET", "the connection was closed at once");
  const reached = sameAddress(remoteAddress);
  if (reached !== undefined && pinned.some(({ address }) => sameAddress(address) === reached)) return;
  const detail = "the connection led to an address that had not been checked";
  throw new ForbiddenError({ kind: "refused", rule: "not-the-checked-address", detail });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new ConnectError("unknown", String(error));
}
