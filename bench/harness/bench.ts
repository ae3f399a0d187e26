import type { Options } from "./options.ts";
import type { Findings } from "./report.ts";

/** Hears how far it has come. */
export type Tell = (line: string) => void;

/** One figure that we claim, or several that belong together. */
export type Bench = {
  title: string;
  /** The packages that the figures stand on; their versions are told. */
  packages: readonly string[];
  run: (options: Options, tell: Tell) => Promise<Findings>;
};
