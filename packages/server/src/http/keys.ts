import { createHash } from "node:crypto";
import type { Random } from "../random.ts";

/** Bytes of chance in a key. */
const keyBytes = 24;

/** Makes an API key, `ohk_…`. It is shown once and kept nowhere; only its hash is. */
export function makeKey(random: Random): string {
  return `ohk_${random.token(keyBytes)}`;
}

/** Hex digits of a key's hash in its id: enough to tell keys apart, and nothing that lets anybody in. */
const idDigits = 16;

/** What a key is named by when it is listed and revoked. */
export function keyIdOf(hash: string): string {
  return `key-${hash.slice(0, idDigits)}`;
}

/** How the hash of the key with this id begins. */
export function hashBeginOf(id: string): string {
  return id.slice("key-".length);
}

/** What is kept of a key: SHA-256, in hex. A key is long and random, so a slow hash would add nothing. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
