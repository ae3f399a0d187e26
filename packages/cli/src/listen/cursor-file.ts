import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, parseJson } from "../json.ts";

/** What is known between two starts of a listener to one server that forwards to one address. */
export type Kept = {
  /** Of the last event that was answered. */
  cursor: number;
  /** What is signed with when no secret is given. */
  secret: string;
};

/** A file in which it is kept. */
export type CursorFile = { path: string; read(): Kept | undefined; write(kept: Kept): void };

/** The file of a server and an address, in a folder. */
export function cursorFile(folder: string, of: { url: string; forwardTo: string }): CursorFile {
  const name = createHash("sha256").update(`${of.url}\n${of.forwardTo}`).digest("hex").slice(0, 16);
  const path = join(folder, `listen-${name}.json`);
  return {
    path,
    read: () => keptIn(path),
    write(kept) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Whole or not at all, also when the process is killed in the middle.
      writeFileSync(`${path}.new`, `${JSON.stringify({ ...of, ...kept })}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function keptIn(path: string): Kept | undefined {
  const kept = parseJson(textOf(path));
  if (!isObject(kept)) return undefined;
  const { cursor, secret } = kept;
  return typeof cursor === "number" && typeof secret === "string" ? { cursor, secret } : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
