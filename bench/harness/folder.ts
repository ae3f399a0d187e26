import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of this run; it is gone when the run is over. */
export type Folder = AsyncDisposable & { path: string };

export async function openFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "offhook-bench-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
