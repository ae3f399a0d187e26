import { pino } from "pino";
import type { Log, LogFields } from "../log.ts";

/** Logs JSON lines to standard error. What people said is left out unless `pii` says otherwise. */
export function pinoLog(options: { level: string; pii: boolean; version: string }): Log {
  const logger = pino(
    { level: options.level, base: { version: options.version }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(level)) return;
    logger[level](readable(fields ?? {}, options.pii), message);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function readable({ pii, error, ...fields }: LogFields, withPii: boolean): Record<string, unknown> {
  return {
    ...fields,
    ...(withPii && pii !== undefined ? { pii } : {}),
    ...(error === undefined
      ? {}
      : {
          err:
            error instanceof Error
              ? error
              : new Error(typeof error === "string" ? error : JSON.stringify(error)),
        }),
  };
}
