import type { createHmac, KeyObject } from "node:crypto";
import type { Soon } from "./soon.ts";

/** Whether one of these is the HMAC-SHA256 of the content, compared in constant time. */
export type Mac = (content: string, given: readonly Uint8Array<ArrayBuffer>[]) => Soon<boolean>;

/**
 * Makes the check of signatures by one key. Node, Bun and Deno have a
 * `node:crypto` that answers at once, which is several times faster than Web
 * Crypto for bodies of this size; elsewhere it is Web Crypto.
 */
export function macOf(key: Uint8Array<ArrayBuffer>): Mac {
  const native = globalThis.process?.getBuiltinModule?.("node:crypto");
  return native === undefined ? webMac(key) : nativeMac(key, native);
}

/** The part of `node:crypto` that is used here. */
type NativeCrypto = {
  createSecretKey(key: Uint8Array): KeyObject;
  createHmac(algorithm: "sha256", key: KeyObject): ReturnType<typeof createHmac>;
  timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean;
};

export function nativeMac(key: Uint8Array<ArrayBuffer>, native: NativeCrypto): Mac {
  // A key object made once: from raw bytes each time it would cost five times as much (docs/GOTCHAS.md).
  const object = native.createSecretKey(key);
  return (content, given) => {
    const made = native.createHmac("sha256", object).update(content, "utf8").digest();
    let matches = false;
    for (const mac of given)
      matches = (mac.byteLength === made.byteLength && native.timingSafeEqual(mac, made)) || matches;
    return matches;
  };
}

export function webMac(key: Uint8Array<ArrayBuffer>): Mac {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  let imported: Promise<CryptoKey> | undefined;
  return async (content, given) => {
    imported ??= crypto.subtle.importKey("raw", key, algorithm, false, ["verify"]);
    const object = await imported;
    const bytes = new TextEncoder().encode(content);
    for (const mac of given) if (await crypto.subtle.verify("HMAC", object, mac, bytes)) return true;
    return false;
  };
}
