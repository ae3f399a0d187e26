import { z } from "zod";

/** A package that is published: its folder under `packages`. Its entries are those of its package.json. */
export const published = ["server-url", "client"] as const;
export type Published = (typeof published)[number];

const names = z.record(z.string(), z.string());

/** The part of a package.json that is read here. */
export const manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  keywords: z.array(z.string()).default([]),
  license: z.string(),
  type: z.literal("module"),
  engines: names,
  /** Each entry's source, such as `./src/server-url.ts`. */
  exports: names,
  dependencies: names.default({}),
  peerDependencies: names.default({}),
});
export type Manifest = z.infer<typeof manifest>;

/** What is brought along inside of what is published, under its own name in the sources. */
export const bundled = "@offhook/protocol";

/** The name of an entry's files: `.` is `main`, `./express` is `express`. */
export function fileOf(entry: string): string {
  return entry === "." ? "main" : entry.slice("./".length);
}
