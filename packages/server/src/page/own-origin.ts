/** How a request came, as far as a browser says it. */
export type Coming = {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** `sec-fetch-site`: what the browser says of who asks. */
  site: string | undefined;
};

/**
 * Why a session's cookie does not count for a request; `undefined` when it
 * does. A cookie goes along with whatever a browser is made to ask, so the
 * request must come from a page of our own origin: its `host` must be ours (a
 * foreign name that leads here is DNS rebinding), and the browser must say that
 * our own page asks. Sources: Fetch Metadata, OWASP on CSRF.
 */
export function foreignTo(publicUrl: string, coming: Coming): string | undefined {
  if (!isOwnHost(publicUrl, coming.host)) return hostSentence(coming.host);
  const isRead = coming.method === "GET" || coming.method === "HEAD";
  if (coming.site !== undefined && coming.site !== "same-origin" && !(isRead && coming.site === "none"))
    return "A session counts only for requests of the server's own page: send an API key instead.";
  if (isRead && coming.origin === undefined) return undefined;
  if (isOwnOrigin(publicUrl, coming)) return undefined;
  return "A session counts only for requests whose `origin` is the server's own: send an API key instead.";
}

/** Whether `host` names this server: by its public address, by `localhost`, or by an address in figures, which no foreign name can be. */
export function isOwnHost(publicUrl: string, host: string | undefined): boolean {
  const asked = URL.parse(`http://${host ?? ""}`);
  if (asked === null || host === undefined) return false;
  const name = asked.hostname;
  if (name === "localhost" || name.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(name)) return true;
  return name === URL.parse(publicUrl)?.hostname;
}

export function hostSentence(host: string | undefined): string {
  return `This server does not go by the name ${(host ?? "").slice(0, 128)}: set OFFHOOK_PUBLIC_URL to the address at which it is reached.`;
}

/** A proxy in front may change `host`; then the origin is the public one. */
function isOwnOrigin(publicUrl: string, { origin, host }: Coming): boolean {
  const from = URL.parse(origin ?? "");
  if (from === null) return false;
  return from.host === host || from.origin === URL.parse(publicUrl)?.origin;
}
