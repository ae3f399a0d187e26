/** What a document says of tests: a file under `packages/` and words of a title in it. */
export type NamedTest = { file: string; title: string };

/** Reads the tests that docs/THREATS.md names, as `` `file` “title” · “another of the same file” ``. */
export function namedTests(text: string): NamedTest[] {
  return text.split("\n").flatMap((line) => {
    let file = "";
    return [...line.matchAll(/`([\w./-]+\.test\.tsx?)`|“([^”]+)”/gu)].flatMap(([, path, title]) => {
      file = path ?? file;
      return title === undefined || file === "" ? [] : [{ file, title }];
    });
  });
}

/** Those that are not there, each in a sentence. */
export function missingTests(
  named: readonly NamedTest[],
  read: (file: string) => string | undefined,
): string[] {
  return named.flatMap(({ file, title }) => {
    const source = read(file);
    if (source === undefined) return [`docs/THREATS.md names ${file}, which is not there`];
    return source.includes(title)
      ? []
      : [`docs/THREATS.md names “${title}” in ${file}, where no test is called so`];
  });
}
