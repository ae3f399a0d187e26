import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Fault, ServerTls } from "@offhook/protocol";
import { ConnectError } from "./egress-failure.ts";
import { literalOf } from "./guard.ts";

/** How one origin is spoken to over TLS: whom we trust, who we are, and the session to take up again. */
export type Speaker = { secure(socket: Socket, host: string): TLSSocket };

/**
 * Speaks TLS 1.2 or later to one origin; certificates are always verified,
 * against the given authorities, or else the system's. Fails with a
 * {@link ConnectError} if the identity cannot be used.
 */
export function openSpeaker(identity: ServerTls | undefined): Speaker {
  let context: SecureContext | undefined;
  let session: Buffer | undefined;
  return {
    secure(socket, host) {
      context ??= contextOf(identity);
      const secured = connectTls({
        socket,
        host,
        servername: literalOf(host) === undefined ? host : "",
        secureContext: context,
        ALPNProtocols: ["http/1.1"],
        rejectUnauthorized: true,
        ...(session === undefined ? {} : { session }),
      });
      secured.on("session", (fresh) => (session = fresh));
      return secured;
    },
  };
}

function contextOf(identity: ServerTls | undefined): SecureContext {
  try {
    return createSecureContext({ minVersion: "TLSv1.2", ...identity });
  } catch (error) {
    throw new ConnectError("tls-identity", "the certificates or the key given for it cannot be used", {
      cause: error,
    });
  }
}

const digests = new WeakMap<ServerTls, string>();

/** Tells identities apart: connections are shared only by those who know the same authorities, certificate and key. */
export function identityDigest(identity: ServerTls | undefined): string {
  if (identity === undefined) return "";
  const known = digests.get(identity);
  if (known !== undefined) return known;
  const { ca = "", cert = "", key = "" } = identity;
  const digest = createHash("sha256")
    .update(JSON.stringify([ca, cert, key]))
    .digest("base64");
  digests.set(identity, digest);
  return digest;
}

const oneCertificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu;

/** What is wrong with an identity that is to be saved; paths are within it. That it has run out is no fault: an attempt says so. */
export function faultsOfTls({ ca, cert, key }: ServerTls): Fault[] {
  const faults = [...faultsOfChain("/ca", ca), ...faultsOfChain("/cert", cert)];
  if (faults.length > 0 || cert === undefined || key === undefined) return faults;
  const message = faultOfKey(key, new X509Certificate(cert));
  return message === undefined ? [] : [{ path: "/key", message }];
}

function faultOfKey(key: string, certificate: X509Certificate): string | undefined {
  try {
    if (certificate.checkPrivateKey(createPrivateKey(key))) return undefined;
  } catch {
    return "this private key cannot be read: send it whole, as PEM";
  }
  return "this is not the key of the first certificate in `cert`: send the two that belong together";
}

function faultsOfChain(path: string, chain: string | undefined): Fault[] {
  if (chain === undefined) return [];
  const all = chain.match(oneCertificate) ?? [];
  const unread = all.findIndex((one) => !isCertificate(one));
  // Together: certificates that stand on one line are read one by one, but not by TLS.
  if (all.length > 0 && unread === -1 && isCertificate(chain)) return [];
  return [{ path, message: `certificate ${Math.max(unread, 0) + 1} cannot be read: send it whole, as PEM` }];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
