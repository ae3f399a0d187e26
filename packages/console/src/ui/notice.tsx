import type { Problem } from "@offhook/protocol";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { ProblemError } from "./server.ts";
import { type Tone, washes } from "./tone.ts";

/** Words that stand out, with what they are about. */
export function Notice({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div
      className={`rounded-lg px-3 py-2 text-sm ${washes[tone]}`}
      role={tone === "bad" ? "alert" : "status"}
    >
      {title !== undefined && <p className="font-semibold">{title}</p>}
      <div className="[overflow-wrap:anywhere]">{children}</div>
    </div>
  );
}

/** What a server refused: what it was, what to do, and every fault by its path. */
export function ProblemNotice({
  problem,
  onAgain,
}: {
  problem: Problem;
  onAgain?: (() => void) | undefined;
}) {
  return (
    <Notice tone="bad" title={problem.title}>
      <p>{problem.detail}</p>
      {problem.errors !== undefined && problem.errors.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {problem.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code className="font-mono text-xs">{path === "" ? "/" : path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      {onAgain !== undefined && (
        <Button isSmall className="mt-2" onClick={onAgain}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

/** What went wrong in asking for something. */
export function FailureNotice({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  return <ProblemNotice problem={problemOf(error)} onAgain={onAgain} />;
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { type: "about:blank", title: "A fault of this page", status: 0, detail, code: "internal" };
}

type EmptyProps = { icon: IconName; title: string; children: ReactNode; action?: ReactNode };

/** Where there is nothing yet: what will be here, and how it comes about. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-14 text-center">
      <span className="rounded-xl border border-line bg-panel p-3 text-soft shadow-xs">
        <Icon name={icon} className="size-5" />
      </span>
      <p className="text-base font-semibold">{title}</p>
      <div className="text-soft">{children}</div>
      {action}
    </div>
  );
}

/** Holds the place of what is still to come. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div aria-busy="true" aria-label="Loading" role="status" className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="h-9 animate-pulse rounded-md bg-sunken" />
      ))}
    </div>
  );
}
