import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { documents, folders } from "./documents.ts";

/*
 * `npm run generate`: writes docs/reference anew, and the fixtures of the
 * receiver's test kit. `npm test` fails while they are not what this writes.
 */
const root = join(import.meta.dirname, "../../..");
const written = await documents();
for (const folder of folders) rmSync(join(root, folder), { recursive: true, force: true });
for (const [path, text] of written) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
console.log(`${written.size} documents written`);
