import { type Node, syntaxOf } from "./syntax.ts";

/** A source file. `path` is from the root of the checkout, with slashes. */
export type Source = { path: string; text: string; lines: number; program: Node };

/** A published package or a workspace, by its package.json. */
export type Workspace = {
  name: string;
  /** Folder from the root of the checkout. */
  folder: string;
  /** What may be opened from outside: "." or "./testing" → path from the root of the checkout. */
  entries: ReadonlyMap<string, string>;
};

/** All that the rules look at. */
export type House = {
  sources: readonly Source[];
  workspaces: readonly Workspace[];
  /** Every file and folder, not only sources. */
  paths: readonly string[];
};

export function readSource(path: string, text: string): Source {
  return {
    path,
    text,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    program: syntaxOf(path, text),
  };
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/u.test(path);
}

/** Tests, and the fakes and suites that are made for them. */
export function isForTests(path: string): boolean {
  return isTest(path) || path.includes("/testing/");
}

/** `packages/server/src/calls/run.ts:12`, as an editor opens it. */
export function at(source: Source, line: number): string {
  return `${source.path}:${line}`;
}
