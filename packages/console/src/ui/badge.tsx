import type { ReactNode } from "react";
import { type Tone, washes } from "./tone.ts";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 whitespace-nowrap rounded-md px-1.5 py-0.5 text-xs font-medium ${washes[tone]}`}
    >
      {children}
    </span>
  );
}

/** A dot that breathes: something is live. */
export function LiveDot() {
  return <span aria-hidden className="size-1.5 animate-pulse rounded-full bg-current" />;
}
