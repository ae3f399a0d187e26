import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { rewriteSecrets } from "@offhook/protocol";
import type { Random } from "../random.ts";
import { StoreError } from "../store.ts";

/** Seals the secrets in what is kept, and opens them again. */
export type Seal = {
  /** A copy whose secrets are sealed for this place: `assistant/default/asst_1`. */
  close<Value>(value: Value, place: string): Value;
  /** A copy whose sealed secrets are open; fails with a {@link StoreError} when one is not from this place or of this key. What was never sealed stays. */
  open<Value>(value: Value, place: string): Value;
};

/** In front of what is sealed: the form, and its version. */
const prefix = "sealed:v1:";

/** Bytes of the key, of the nonce, and of the tag (NIST SP 800-38D). */
export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** So many sealed texts are remembered open; a lane comes back with every event of its call. */
const openMax = 2_048;

/** AES-256-GCM over each secret's JSON, bound to the place where it is kept. */
export function openSeal(key: Uint8Array, random: Random): Seal {
  const secretKey = createSecretKey(key);
  const known = new Map<string, unknown>();
  const openOne = (secret: unknown, place: string): unknown => {
    if (typeof secret !== "string" || !secret.startsWith(prefix)) return secret;
    const name = `${place} ${secret}`;
    if (known.has(name)) return known.get(name);
    const value = decrypt(secretKey, secret, place);
    if (known.size >= openMax) known.clear();
    known.set(name, value);
    return value;
  };
  return {
    close: (value, place) => rewriteSecrets(value, (secret) => encrypt(secretKey, { secret, place, random })),
    open: (value, place) => rewriteSecrets(value, (secret) => openOne(secret, place)),
  };
}

function encrypt(key: KeyObject, of: { secret: unknown; place: string; random: Random }): string {
  const nonce = Buffer.from(of.random.token(nonceBytes), "base64url").subarray(0, nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(of.place));
  const text = Buffer.concat([cipher.update(JSON.stringify(of.secret), "utf8"), cipher.final()]);
  return prefix + Buffer.concat([nonce, text, cipher.getAuthTag()]).toString("base64url");
}

function decrypt(key: KeyObject, sealed: string, place: string): unknown {
  const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes))
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return JSON.parse(text.toString("utf8")) as unknown;
  } catch (error) {
    throw new StoreError("sealed", sentence(place), { cause: error });
  }
}

function sentence(place: string): string {
  return `A secret of ${place} cannot be opened: it was sealed with another key, or was changed. Save the secret again, or start with the key that it was sealed with.`;
}
