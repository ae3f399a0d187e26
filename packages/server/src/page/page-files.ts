import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const zip = promisify(gzip);

/** Where the page is, under the server's address. */
export const pagePath = "/console";

/** The built page: its files, read when they are first asked for. */
export type PageFiles = {
  readonly isBuilt: boolean;
  /** The file at a path below {@link pagePath}, or the page itself where there is none; `undefined` for an asset that is not there. */
  find(path: string): Promise<PageFile | undefined>;
};

export type PageFile = {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; null where that gains nothing. */
  gzipped: Uint8Array<ArrayBuffer> | null;
  /** Named after its content, so that it never changes. */
  isImmutable: boolean;
};

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const shell = "index.html";

/** Opens the folder into which the page was built; one that is not there is a page that is not built. */
export async function openPageFiles(folder: string): Promise<PageFiles> {
  const names = new Set(await namesIn(folder));
  const read = new Map<string, Promise<PageFile>>();
  const file = (name: string): Promise<PageFile> => {
    const known = read.get(name) ?? readPageFile(folder, name);
    read.set(name, known);
    return known;
  };
  return {
    isBuilt: names.has(shell),
    async find(path) {
      const name = path.replace(/^\/+/u, "");
      if (names.has(name)) return file(name);
      return !names.has(shell) || name.startsWith("assets/") ? undefined : file(shell);
    },
  };
}

/** Only what is in the list is ever read, so that no path leads out of the folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found
      .filter((item) => item.isFile() && Object.hasOwn(types, extname(item.name)))
      .map((item) =>
        join(item.parentPath, item.name)
          .slice(folder.length + 1)
          .replaceAll(sep, "/"),
      );
  } catch {
    return [];
  }
}

async function readPageFile(folder: string, name: string): Promise<PageFile> {
  const bytes = new Uint8Array(await readFile(join(folder, name)));
  const gzipped = new Uint8Array(await zip(bytes, { level: 9 }));
  return {
    type: types[extname(name)] ?? "application/octet-stream",
    bytes,
    gzipped: gzipped.length < bytes.length ? gzipped : null,
    isImmutable: name.startsWith("assets/"),
  };
}
