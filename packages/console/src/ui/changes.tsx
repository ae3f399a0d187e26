import type { Change } from "./draft.ts";

/** Differences, each with what was and what will be. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <ul className="flex max-h-96 flex-col gap-3 overflow-auto" aria-label="Changes">
      {changes.map(({ path, before, after }) => (
        <li key={path} className="rounded-lg border border-line">
          <p className="border-b border-line px-3 py-1 font-mono text-xs text-soft">
            {path === "" ? "/" : path}
          </p>
          {before !== undefined && <Side sign="−" word="before" value={before} look="bg-bad-wash text-bad" />}
          {after !== undefined && <Side sign="+" word="after" value={after} look="bg-good-wash text-good" />}
        </li>
      ))}
    </ul>
  );
}

function Side({ sign, word, value, look }: { sign: string; word: string; value: unknown; look: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return (
    <div className={`flex gap-2 px-3 py-1.5 font-mono text-xs ${look}`}>
      <span aria-hidden>{sign}</span>
      <span className="sr-only">{word}: </span>
      <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text === "" ? "(empty)" : text}
      </span>
    </div>
  );
}
