import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of this run; it is gone when the run is over, also when it breaks off. */
export type Folder = AsyncDisposable & { path: string };

const withAll = { recursive: true, force: true, maxRetries: 5 } as const;

export async function openFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "offhook-bench-"));
  const remove = (): void => rmSync(path, withAll);
  process.once("exit", remove);
  return {
    path,
    async [Symbol.asyncDispose]() {
      process.off("exit", remove);
      await rm(path, withAll);
    },
  };
}
