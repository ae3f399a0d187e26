import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own, of so few bytes that it can be filled. */
export type SmallDisk = {
  folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives back what was taken. */
  makeRoom(): Promise<void>;
  makeReadOnly(): void;
  close(): void;
};

/** Mounts a small disk; a sentence about what is missing where that is not allowed. */
export function openSmallDisk(bytes: number): SmallDisk | string {
  const folder = mkdtempSync(join(tmpdir(), "offhook-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=700`, "tmpfs", folder]);
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true });
    return `a small disk cannot be mounted (it needs root): ${mounted.error?.message ?? String(mounted.stderr).trim()}`;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    async fill() {
      const file = await open(ballast, "a");
      for (const size of [65_536, 4_096, 1]) while (await isWritten(file, size));
      await file.close();
    },
    makeRoom: () => rm(ballast),
    makeReadOnly: () => void spawnSync("mount", ["-o", "remount,ro", folder]),
    close() {
      spawnSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isWritten(file: Awaited<ReturnType<typeof open>>, size: number): Promise<boolean> {
  try {
    return (await file.write(Buffer.alloc(size, "x"))).bytesWritten === size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}
