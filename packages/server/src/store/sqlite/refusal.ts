import { StoreError } from "../../store.ts";

/** SQLite's own result codes (sqlite.org/rescode.html), and what each means to us. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notDatabase: 26,
};

/** Another has written since; said the way SQLite says it. */
export class Conflict extends Error {
  readonly errcode = codes.constraint;
}

/** Says what SQLite refused as a sentence that says what to do. */
export function refusalOf(error: { message: string; errcode?: number }): StoreError {
  switch ((error.errcode ?? 0) & 0xff) {
    case codes.full:
    case codes.io:
      return new StoreError(
        "full",
        `The data folder's disk is full or failing (${error.message}): make room, then go on; nothing was written by halves.`,
      );
    case codes.busy:
    case codes.locked:
      return new StoreError(
        "locked",
        `The data folder is in use by another process (${error.message}): stop that one, or use another OFFHOOK_DATA.`,
      );
    case codes.corrupt:
    case codes.notDatabase:
      return new StoreError(
        "corrupt",
        `The database in the data folder is damaged (${error.message}): restore it from a backup, or move it away to start afresh.`,
      );
    case codes.cannotOpen:
    case codes.readOnly:
      return new StoreError(
        "unavailable",
        `The data folder cannot be opened for writing (${error.message}): check OFFHOOK_DATA and its rights.`,
      );
    case codes.constraint:
      return new StoreError("journal-conflict", `Another writer was here first (${error.message}).`);
    default:
      return new StoreError("unavailable", error.message);
  }
}
