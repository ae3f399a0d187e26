import type { GuardRefusal } from "./guard.ts";

/** Why nothing was answered: `code` is the guard's rule, or the name that Node or undici gives it. */
export type EgressFailure = {
  kind: "forbidden" | "unreachable" | "timed-out" | "too-large" | "stopped";
  /** What happened, to follow a name and a colon. */
  detail: string;
  code?: string;
  /** Whether the request may have been seen by the other side. */
  connected: boolean;
};

/** The guard said no while a connection was being made. */
export class ForbiddenError extends Error {
  readonly refusal: GuardRefusal;
  constructor(refusal: GuardRefusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

/** No connection came about, so nothing was sent. */
export class ConnectError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The egress is being closed. */
export class StoppedError extends Error {}

/** Says in words what became of a request that failed. `host` is the URL's, with its port. */
export function failureOf(error: unknown, host: string): EgressFailure {
  if (error instanceof ForbiddenError) return forbidden(error.refusal);
  if (error instanceof StoppedError) return stopped;
  const code = codeOf(error);
  const connected = !(error instanceof ConnectError);
  const kind = lateCodes.has(code) ? "timed-out" : "unreachable";
  return { kind, detail: sentence(code, host, error), code, connected };
}

/** What the guard refuses, as the outcome of a request. */
export function forbidden(refusal: GuardRefusal): EgressFailure {
  return { kind: "forbidden", detail: refusal.detail, code: refusal.rule, connected: false };
}

/** The outcome of a request that was given up because the server stops. */
export const stopped: EgressFailure = {
  kind: "stopped",
  detail: "it was given up, because the server stops",
  connected: true,
};

/** The code of an error of Node's or undici's; `"unknown"` where it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name === "HTTPParserError" ? "HPE_UNKNOWN" : "unknown";
}

const closingCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Whether the other side closed the connection, rather than that there was none. */
export function isClosing(error: unknown): boolean {
  return !(error instanceof ConnectError) && closingCodes.has(codeOf(error));
}

const lateCodes = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

const sentences: Readonly<Record<string, (host: string) => string>> = {
  ECONNREFUSED: (host) => `nothing listens at ${host} (connection refused)`,
  ENOTFOUND: (host) => `the name of ${host} is not known (DNS)`,
  EAI_AGAIN: (host) => `the name of ${host} could not be looked up (DNS gave no answer)`,
  "lookup-timed-out": (host) => `the name of ${host} could not be looked up in time (DNS gave no answer)`,
  "connect-timed-out": (host) => `no connection to ${host} came about in time`,
  ETIMEDOUT: (host) => `no connection to ${host} came about in time`,
  EHOSTUNREACH: (host) => `there is no way to ${host} (host unreachable)`,
  ENETUNREACH: (host) => `there is no way to ${host} (network unreachable)`,
  ECONNRESET: (host) => `${host} closed the connection before its answer was complete`,
  EPIPE: (host) => `${host} closed the connection before its answer was complete`,
  UND_ERR_SOCKET: (host) => `${host} closed the connection before its answer was complete`,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: (host) =>
    `the answer of ${host} is not as long as its content-length says`,
  UND_ERR_HEADERS_OVERFLOW: (host) => `the headers of the answer of ${host} are too large`,
  UND_ERR_HEADERS_TIMEOUT: (host) => `${host} did not answer in time`,
  UND_ERR_BODY_TIMEOUT: (host) => `the answer of ${host} stopped midway`,
};

function sentence(code: string, host: string, error: unknown): string {
  const known = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  if (known !== undefined) return known(host);
  const message = error instanceof Error ? error.message : "no reason given";
  if (code.startsWith("proxy-") || code === "tls-identity")
    return `no connection to ${host} was made: ${message}`;
  if (code.startsWith("HPE_")) return `what ${host} answered is not HTTP`;
  if (/ALERT_(?:CERTIFICATE_|BAD_CERTIFICATE|UNKNOWN_CA)/u.test(code))
    return `${host} wants a client certificate, and one that it accepts: give it in \`tls\` (${code})`;
  if (/^(?:ERR_SSL_|EPROTO)/u.test(code))
    return `${host} does not speak TLS with us; is it http instead of https? (${code})`;
  if (/CERT|SIGNATURE|ISSUER|^ERR_TLS_|^HOSTNAME_MISMATCH/u.test(code)) {
    return `the certificate of ${host} is not accepted: ${message}`;
  }
  return `the request to ${host} failed: ${message}`;
}
