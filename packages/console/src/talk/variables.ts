/** The `{{variables}}` that a text names, each once; `date` is filled in by the server. */
export function variablesIn(...texts: string[]): string[] {
  const found = texts.flatMap((text) =>
    [...text.matchAll(/\{\{\s*([\w.-]+)\s*\}\}/gu)].map(([, name = ""]) => name),
  );
  return [...new Set(found)].filter((name) => name !== "date" && name !== "");
}
