import { open, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../random.ts";
import { type Store, StoreError } from "../store.ts";
import { keyBytes, openSeal, type Seal } from "./seal.ts";

/** The file in the data folder that holds the key, where the configuration brings none. */
export const keyFileName = "secret.key";

/** What proves that a key is the one that the store was sealed with. */
const check = { name: "seal-check", value: "this store is sealed with this key" };

/**
 * Opens the seal of a data folder: with the key given, else with the key in
 * the folder's file, which is made at the first start. Fails, and changes
 * nothing, when the store was sealed with another.
 */
export async function openSealOf(of: {
  store: Pick<Store, "keepSecret">;
  folder: string;
  key: Uint8Array | undefined;
  random: Random;
}): Promise<Seal> {
  const path = join(of.folder, keyFileName);
  const found = of.key === undefined ? await keyIn(path, of.random) : { key: of.key, isNew: false };
  const seal = openSeal(found.key, of.random);
  if (await isOurs(seal, of.store)) return seal;
  if (found.isNew) await unlink(path);
  const detail =
    "The secrets in this data folder were sealed with another key: start with the OFFHOOK_SECRET_KEY, or put back the secret.key file, that it was first started with.";
  throw new StoreError("sealed", detail);
}

async function isOurs(seal: Seal, store: Pick<Store, "keepSecret">): Promise<boolean> {
  const place = `secret/${check.name}`;
  const sealed = seal.close({ secret: check.value }, place).secret;
  const kept = await store.keepSecret({ name: check.name, value: sealed });
  try {
    return seal.open({ secret: kept }, place).secret === check.value;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

async function keyIn(path: string, random: Random): Promise<{ key: Uint8Array; isNew: boolean }> {
  const kept = await read(path);
  if (kept !== undefined) return { key: kept, isNew: false };
  const key = Buffer.from(random.token(keyBytes), "base64url").subarray(0, keyBytes);
  await make(path, `${key.toString("base64")}\n`);
  return { key, isNew: true };
}

async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      const detail = `${path} can be read by others, and opens every secret of this server: chmod 600 it.`;
      throw new StoreError("sealed", detail);
    }
    const key = Buffer.from((await readFile(path, "utf8")).trim(), "base64");
    if (key.length === keyBytes) return key;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  throw new StoreError(
    "sealed",
    `${path} is not a key of ${keyBytes} bytes in base64: put the right one back.`,
  );
}

/** On disk before it is used: what it has sealed must not outlive it. */
async function make(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
