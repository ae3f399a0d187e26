import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemRandom as random } from "../random.ts";
import type { Store } from "../store.ts";
import { keyFileName, openSealOf } from "./secret-key.ts";
import { openLocalStore } from "./sqlite/sqlite-store.ts";

describe("the key of a data folder", () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "offhook-key-"));
    store = openLocalStore();
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const path = (): string => join(folder, keyFileName);
  const opened = (key?: Uint8Array) => openSealOf({ store, folder, key, random });

  it("is made once, for nobody else to read, and found again", async () => {
    const sealed = (await opened()).close({ secret: "kept" }, "a");
    const { mode } = await stat(path());
    expect((mode & 0o777).toString(8)).toBe("600");
    expect((await opened()).open(sealed, "a")).toEqual({ secret: "kept" });
  });

  it("is not written where the configuration brings one", async () => {
    await opened(new Uint8Array(32).fill(1));
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["lost", () => rm(path())],
    ["another", () => writeFile(path(), Buffer.alloc(32, 9).toString("base64"))],
  ])("that is %s is refused, and nothing is changed", async (_name, happens) => {
    await opened();
    await happens();
    const before = await readdir(folder);
    await expect(opened()).rejects.toMatchObject({
      code: "sealed",
      message: expect.stringMatching(/another key/u),
    });
    expect(await readdir(folder)).toEqual(before);
    await expect(opened(new Uint8Array(32).fill(3))).rejects.toMatchObject({ code: "sealed" });
  });

  it("that others may read is refused with what to do", async () => {
    await opened();
    await chmod(path(), 0o644);
    await expect(opened()).rejects.toMatchObject({ message: expect.stringMatching(/chmod 600/u) });
  });

  it("that is cut is refused", async () => {
    await opened();
    await writeFile(path(), (await readFile(path(), "utf8")).slice(0, 10));
    await expect(opened()).rejects.toMatchObject({
      message: expect.stringMatching(/not a key of 32 bytes/u),
    });
  });
});
