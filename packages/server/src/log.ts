/** Structured log: one event, one line; the message is static, what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What people said goes under `pii` only, which is left out unless it is asked for. */
export type LogFields = Record<string, unknown> & { error?: unknown; pii?: Record<string, unknown> };

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
