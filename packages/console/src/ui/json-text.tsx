import { Copy } from "./copy.tsx";

/** A value as indented JSON, coloured; long ones scroll within. */
export function JsonText({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === "string" ? indented(value) : JSON.stringify(value, undefined, 2);
  return (
    <div className="relative min-w-0 rounded-lg border border-line bg-sunken">
      <div className="absolute top-1 right-1">
        <Copy text={text} label={label} shown="" />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-80 overflow-auto p-3 pr-9 font-mono text-xs leading-5 [overflow-wrap:anywhere] whitespace-pre-wrap"
      >
        {text === "" ? <span className="text-soft">(nothing)</span> : coloured(text)}
      </pre>
    </div>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b/giu;

function coloured(text: string) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, quoted, colon, word] = match;
    parts.push(text.slice(end, match.index));
    const tone = colon !== undefined ? "text-accent" : quoted !== undefined ? "text-ink" : "text-talk";
    parts.push(
      <span key={match.index} className={tone}>
        {quoted ?? word}
      </span>,
      colon ?? "",
    );
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
