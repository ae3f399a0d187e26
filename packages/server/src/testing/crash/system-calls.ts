import { spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Whether Debian's strace is here. */
export function hasStrace(): boolean {
  return spawnSync("strace", ["--version"]).status === 0;
}

const watched = "trace=pwrite64,pwritev,fsync,fdatasync,write,writev,sendto,sendmsg";
/** So many bytes of each write are shown: more than a page of the database. */
const shownBytes = "6000";

/** Watches the system calls of a process from now on; `stop` answers them, a line each. */
export async function watchSystemCalls(pid: number, file: string): Promise<{ stop(): Promise<string[]> }> {
  const given = ["-f", "-y", "-s", shownBytes, "-e", watched, "-o", file, "-p", String(pid)];
  const strace = spawn("strace", given, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => strace.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let text = "";
    strace.stderr.on("data", (piece) => {
      text += String(piece);
      if (text.includes("attached")) resolve();
    });
    strace.once("exit", () => reject(new Error(`strace did not attach: ${text}`)));
  });
  return {
    async stop() {
      strace.kill("SIGINT");
      await ended;
      return (await readFile(file, "utf8")).split("\n");
    },
  };
}

/** Where, among the system calls, what holds `marker` was written to the log of the database, was on disk, and went out over a socket. */
export type Milestones = { written: number; synced: number; shown: number };

/** Finds the first of each; `Infinity` for what did not happen. */
export function milestonesOf(lines: readonly string[], marker: string): Milestones {
  const first = (from: number, fits: (line: string) => boolean): number => {
    const index = lines.findIndex((line, at) => at >= from && fits(line));
    return index === -1 ? Number.POSITIVE_INFINITY : index;
  };
  const written = first(0, (line) => /^\d+ +pwrite/u.test(line) && isOnLog(line) && line.includes(marker));
  /** Threads whose sync of the log has begun and not ended. */
  const syncing = new Set<string>();
  const synced = first(written, (line) => {
    const [, thread = ""] = /^(\d+) /u.exec(line) ?? [];
    if (/^\d+ +f(?:data)?sync\(/u.test(line) && isOnLog(line)) syncing.add(thread);
    if (!/f(?:data)?sync[( ].*= 0$/u.test(line)) return false;
    return syncing.delete(thread);
  });
  const shown = first(
    0,
    (line) => /(?:write|writev|sendto|sendmsg)\(\d+<socket:/u.test(line) && line.includes(marker),
  );
  return { written, synced, shown };
}

function isOnLog(line: string): boolean {
  return /\(\d+<[^>]*\.sqlite-wal>/u.test(line);
}
