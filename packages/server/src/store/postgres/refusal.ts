import { StoreError } from "../../store.ts";

/**
 * What became of a statement that failed: `undone` has surely changed nothing
 * and may do so now, of `unknown` the answer was lost, `refused` would fail
 * again.
 */
export type Failure = "undone" | "unknown" | "refused";

/** PostgreSQL's codes (postgresql.org/docs/current/errcodes-appendix.html): serialization, deadlock, a lock not got in time, starting up, too many connections. */
const undone = new Set(["40001", "40P01", "55P03", "57P03", "53300"]);
/** No connection was made at all. */
const notReached = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Classes of codes: of the connection, and of an operator's intervention. */
const broken = /^(?:08|57P|E[A-Z]+$)/u;
/** What the client says without a code. */
const waited = /timeout exceeded when trying to connect|no more connections allowed/iu;
const lost =
  /connection terminated|connection ended|query read timeout|not queryable|client was closed|server conn crashed|server closed the connection|pgbouncer cannot connect/iu;

export function failureOf(error: unknown): Failure {
  const { code, message } = told(error);
  if (undone.has(code) || notReached.has(code) || waited.test(message)) return "undone";
  return broken.test(code) || lost.test(message) ? "unknown" : "refused";
}

/** Says what PostgreSQL refused as a sentence that says what to do, without the address: it has a password in it. */
export function refusalOf(error: unknown, mayBeDone = false): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = told(error);
  const said = (kind: StoreError["code"], sentence: string): StoreError =>
    new StoreError(kind, sentence, { cause: error, mayBeDone });
  if (code === "53100")
    return said(
      "full",
      `The database's disk is full (${message}): make room on the server of OFFHOOK_STORE.`,
    );
  if (code === "23505") return said("journal-conflict", `Another writer was here first (${message}).`);
  if (/^(?:28|3D|42501)/u.test(code))
    return said(
      "unavailable",
      `The database of OFFHOOK_STORE does not let this server in (${message}): check its user, password, database and rights.`,
    );
  if (/^(?:XX00[12])$/u.test(code))
    return said(
      "corrupt",
      `The database of OFFHOOK_STORE is damaged (${message}): restore it from a backup.`,
    );
  if (failureOf(error) !== "refused")
    return said(
      "unavailable",
      `The database of OFFHOOK_STORE cannot be reached, or does not answer in time (${message || code}): check that it runs and has connections left.`,
    );
  return said("unavailable", `The database of OFFHOOK_STORE refused (${message}).`);
}

/** Whether it is the fault of one row among many: of its values, or of another row that is there already. */
export function isOfOne(error: StoreError): boolean {
  return /^(?:2[123]|54)/u.test(told(error.cause).code);
}

/** What an error says: of several attempts to connect, the first. */
function told(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return told(error.errors[0]);
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message };
}
