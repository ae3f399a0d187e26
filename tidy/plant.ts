import { readWorkspace } from "./checkout.ts";
import { type House, readSource } from "./source.ts";

/** A house of small made-up files, to prove that a rule sees what it should and nothing else. */
export function plant(files: Record<string, string>): House {
  const given = Object.entries(files);
  return {
    sources: given.filter(([path]) => /\.tsx?$/u.test(path)).map(([path, text]) => readSource(path, text)),
    workspaces: given
      .filter(([path]) => path.endsWith("/package.json"))
      .map(([path, text]) => readWorkspace(path, text)),
    paths: given.map(([path]) => path),
  };
}
