import { join } from "node:path";
import { buildAll, pack } from "./build.ts";

/*
 * `npm run build:packages`: builds what is published into dist/<package>, and packs it
 * beside. To publish: `npm publish dist/<package>`.
 */
const root = join(import.meta.dirname, "../../..");
const out = join(root, "dist");
for (const built of await buildAll(root, out)) console.log(pack(built, out));
