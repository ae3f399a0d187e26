/**
 * Standard Webhooks 1.0.0, `v1`: HMAC-SHA256 over `id.timestamp.body`, in
 * base64. Source: the specification at standardwebhooks.com. On Web Crypto, so
 * that it runs in every host; the server's delivery has a faster one of its
 * own, held to the same referee.
 */
const prefix = "whsec_";

/** What is wrong with a signature; `undefined` would be nothing. */
export type SignatureFault = "missing-header" | "bad-timestamp" | "too-old" | "too-new" | "no-match";

export type SignedHeaders = { id: string; timestamp: string; signature: string };

/** How far a timestamp may be from now, in seconds, as Standard Webhooks advises. */
export const toleranceSeconds = 300;

/** The key of a secret: `whsec_<base64>` is decoded, any other string is its UTF-8 bytes. */
export function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(prefix)) return new TextEncoder().encode(secret);
  return bytesOf(atob(secret.slice(prefix.length)));
}

/** The text that is signed. `timestamp` is in seconds. */
export function signedContent(id: string, timestamp: number | string, body: string): string {
  return `${id}.${timestamp}.${body}`;
}

/** Makes the value of `webhook-signature` for one secret. `timestamp` is in seconds. */
export async function sign(given: {
  secret: string;
  id: string;
  timestamp: number;
  body: string;
}): Promise<string> {
  const { secret, id, timestamp, body } = given;
  const key = await importKey(secret, "sign");
  const mac = await crypto.subtle.sign(
    "HMAC",
    key,
    new TextEncoder().encode(signedContent(id, timestamp, body)),
  );
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
}

/**
 * Checks a signed body against every secret given (several while one is being
 * rotated). Compares in constant time. `now` is epoch ms.
 */
export async function verify(input: {
  secrets: readonly string[];
  headers: SignedHeaders;
  body: string;
  now: number;
}): Promise<SignatureFault | undefined> {
  const fault = faultOfHead(input.headers, input.now);
  if (fault !== undefined) return fault;
  const { id, timestamp, signature } = input.headers;
  const content = new TextEncoder().encode(signedContent(id, timestamp, input.body));
  const macs = readSignatures(signature);
  for (const secret of input.secrets) {
    const key = await importKey(secret, "verify");
    for (const mac of macs) if (await crypto.subtle.verify("HMAC", key, mac, content)) return undefined;
  }
  return "no-match";
}

/** What is wrong with the headers of a signed body, whatever the body says. `now` is epoch ms. */
export function faultOfHead(headers: SignedHeaders, now: number): SignatureFault | undefined {
  const { id, timestamp, signature } = headers;
  if (id === "" || timestamp === "" || signature === "") return "missing-header";
  if (!/^[0-9]{1,12}$/u.test(timestamp)) return "bad-timestamp";
  const ageSeconds = Math.floor(now / 1_000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) return "too-old";
  return ageSeconds < -toleranceSeconds ? "too-new" : undefined;
}

/** At most this many signatures of one header are tried. */
const signaturesMax = 8;

/** The `v1` signatures of a `webhook-signature` header, 32 bytes each; what is none is left out. */
export function readSignatures(header: string): Uint8Array<ArrayBuffer>[] {
  const macs: Uint8Array<ArrayBuffer>[] = [];
  for (const part of header.split(" ").slice(0, signaturesMax)) {
    const [version, value] = part.split(",", 2);
    if (version !== "v1" || value === undefined || !/^[A-Za-z0-9+/]{43}=$/u.test(value)) continue;
    macs.push(bytesOf(atob(value)));
  }
  return macs;
}

/** The bytes of a binary string. A loop: `Uint8Array.from` with a function is several times slower. */
function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function importKey(secret: string, use: "sign" | "verify"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, [use]);
}
