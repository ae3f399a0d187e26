import { useState } from "react";
import { after } from "../clock.ts";
import { Icon } from "./icon.tsx";

/** An id or another text in fixed width, with a button that copies it. */
export function Copy({ text, label, shown = text }: { text: string; label: string; shown?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    after(1_500, () => setCopied(false));
  };
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1">
      <code className="truncate font-mono text-xs" title={text}>
        {shown}
      </code>
      <button
        type="button"
        onClick={() => void copy()}
        aria-label={isCopied ? "Copied" : `Copy ${label}`}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-md text-soft hover:bg-sunken hover:text-ink"
      >
        <Icon name={isCopied ? "check" : "copy"} className="size-3.5" />
      </button>
    </span>
  );
}
