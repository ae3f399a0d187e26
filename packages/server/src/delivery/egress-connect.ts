import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ServerTls } from "@offhook/protocol";
import type { buildConnector } from "undici";
import { type Clock, timedOut, within } from "../clock.ts";
import { codeOf, ConnectError, ForbiddenError } from "./egress-failure.ts";
import { type Lookup, oneAtATime, pin, type Pinned } from "./egress-lookup.ts";
import { noteOpening, nothingOpened, type Opening } from "./egress-opening.ts";
import { type EgressProxy, tunnel } from "./egress-proxy.ts";
import { openSpeaker, type Speaker } from "./egress-tls.ts";
import { literalOf, sameAddress } from "./guard.ts";
import { allowsName, type GuardRules } from "./guard-allow.ts";

/** What a connection may take after the look-up, in ms, beside the time that its request has. */
export const connectLimits = { connectMsMax: 10_000 } as const;

export type Connecting = { rules: GuardRules; clock: Clock; lookup: Lookup; proxy?: EgressProxy | undefined };
type Target = { host: string; port: number; secure: boolean };
/** A connection that is being made: what is done so far, and every socket, so that it can be closed whatever happens. */
type Making = { opening: Opening; opened: { destroy(): unknown }[] };

/**
 * Makes the connections to one origin. The name is looked up once for a
 * connection, all its addresses are checked, only those that were checked are
 * connected to, and the socket is asked whom it reached. What it took is noted
 * for the socket, or for the error.
 */
export function guardedConnector(connecting: Connecting, identity?: ServerTls): buildConnector.connector {
  const find = oneAtATime((host: string) => pinned(host, connecting));
  const speaker = openSpeaker(identity);
  return (options, callback) => {
    const host = literalOf(options.hostname) ?? options.hostname;
    const secure = options.protocol === "https:";
    const target = { host, secure, port: Number(options.port) || (secure ? 443 : 80) };
    const making: Making = { opening: nothingOpened, opened: [] };
    const noted = <Made extends object>(made: Made): Made => noteOpening(made, making.opening);
    void make(target, connecting, { find, speaker, making }).then(
      (socket) => callback(null, noted(socket)),
      (error: unknown) => callback(noted(asError(error)), null),
    );
  };
}

/** A name that the operator allows, whatever it leads to, is left to the proxy to look up. */
async function pinned(host: string, connecting: Connecting): Promise<Pinned> {
  const isProxys = connecting.proxy !== undefined && allowsName(connecting.rules, host);
  return isProxys ? [{ address: host, family: 0 }] : pin(host, connecting);
}

type Means = { find: (host: string) => Promise<Pinned>; speaker: Speaker; making: Making };

async function make(target: Target, connecting: Connecting, means: Means): Promise<Socket> {
  const { clock } = connecting;
  const { making, find } = means;
  const startedAt = clock.now();
  const found = await find(target.host);
  if (literalOf(target.host) === undefined)
    making.opening = { ...making.opening, dnsMs: clock.now() - startedAt };
  const reaching = reach({ ...target, pinned: found }, connecting, means);
  const socket = await within(clock, connectLimits.connectMsMax, reaching).catch((error: unknown) => {
    closeAll(making);
    if (error instanceof ForbiddenError || error instanceof ConnectError) throw error;
    throw new ConnectError(codeOf(error), error instanceof Error ? error.message : "it failed", {
      cause: error,
    });
  });
  if (socket !== timedOut) return socket;
  closeAll(making);
  throw new ConnectError("connect-timed-out", "the connection took too long");
}

function closeAll({ opened }: Making): void {
  for (const one of opened) one.destroy();
}

async function reach(
  target: Target & { pinned: Pinned },
  { clock, proxy }: Connecting,
  { speaker, making }: Means,
): Promise<Socket> {
  const startedAt = clock.now();
  const plain = proxy === undefined ? await direct(target, making) : await through(proxy, target, making);
  const connectedAt = clock.now();
  making.opening = { ...making.opening, connectMs: connectedAt - startedAt };
  if (!target.secure) return plain;
  const secure = speaker.secure(plain, target.host);
  making.opened.push(secure);
  await event(secure, "secureConnect");
  making.opening = { ...making.opening, tlsMs: clock.now() - connectedAt };
  return secure;
}

async function direct(target: Target & { pinned: Pinned }, { opened }: Making): Promise<Socket> {
  const { host, port, pinned: checked } = target;
  const socket = connectTcp({
    host,
    port,
    lookup: answerWith(checked),
    autoSelectFamily: true,
    noDelay: true,
    keepAlive: true,
  });
  opened.push(socket);
  await event(socket, "connect");
  checkReached(socket, checked);
  return socket;
}

/** One address after the other, as the proxy reaches them or not. */
async function through(
  proxy: EgressProxy,
  { port, pinned: checked }: Target & { pinned: Pinned },
  { opened }: Making,
): Promise<Socket> {
  let failure: unknown;
  for (const { address } of checked) {
    try {
      return await tunnel(proxy, { address, port }, opened);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The listener for errors stays, so that a late one is nobody's surprise. */
function event(socket: Socket | TLSSocket, name: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, () => resolve()).on("error", reject);
  });
}

/** A look-up that answers with what was checked, whatever it is asked. */
function answerWith(checked: Pinned): LookupFunction {
  return (_host, options, callback) => {
    const [first] = checked;
    if (options.all) callback(null, [...checked]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function checkReached(socket: Socket, checked: Pinned): void {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) throw new ConnectError("ECONNRESET", "the connection was closed at once");
  const reached = sameAddress(remoteAddress);
  if (reached !== undefined && checked.some(({ address }) => sameAddress(address) === reached)) return;
  const detail = "the connection led to an address that had not been checked";
  throw new ForbiddenError({ kind: "refused", rule: "not-the-checked-address", detail });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new ConnectError("unknown", String(error));
}
