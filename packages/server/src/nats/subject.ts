/**
 * A text as one token of a subject: as it is where it may be, else in base64url
 * behind a `=`, which no other text begins with.
 */
export function tokenOf(text: string): string {
  return /^[\w-]{1,128}$/u.test(text) ? text : `=${Buffer.from(text).toString("base64url")}`;
}
