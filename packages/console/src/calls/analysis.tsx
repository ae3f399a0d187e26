import type { Analysis, AnalysisKind, Call } from "@offhook/protocol";
import type { ReactNode } from "react";
import { Badge } from "../ui/badge.tsx";
import { words } from "../ui/words.ts";
import { analysisOf, verdictTone } from "./call-words.ts";

type Props = { call: Call; onEvidence: (messageId: string) => void };

/** What the call amounted to; each field leads to the messages that it rests on. */
export function AnalysisPanel({ call, onEvidence }: Props) {
  const analysis = analysisOf(call);
  if (analysis === undefined) {
    return (
      <p className="text-soft">
        {call.status === "finished"
          ? "The analysis is not written yet."
          : "The analysis comes when the call is over."}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Part title="Summary" analysis={analysis} kind="summary">
        {analysis.summary !== undefined && <p>{analysis.summary}</p>}
      </Part>
      <Part title="Success" analysis={analysis} kind="successEvaluation">
        {analysis.successEvaluation !== undefined && (
          <Badge tone={verdictTone(analysis.successEvaluation)}>{analysis.successEvaluation}</Badge>
        )}
      </Part>
      <Part title="Structured data" analysis={analysis} kind="structuredData">
        {analysis.structuredData !== undefined && <Fields analysis={analysis} onEvidence={onEvidence} />}
      </Part>
    </div>
  );
}

type PartProps = {
  title: string;
  analysis: Analysis;
  kind: AnalysisKind;
  children: ReactNode;
};

function Part({ title, analysis, kind, children }: PartProps) {
  const status = analysis.status[kind];
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-semibold text-soft">{title}</h3>
      {status === "ok" && children}
      {status === "skipped" && <p className="text-soft">Not asked for by the assistant.</p>}
      {status === "failed" && (
        <p className="text-bad">{analysis.errors[kind] ?? "It failed without a reason."}</p>
      )}
    </section>
  );
}

function Fields({ analysis, onEvidence }: { analysis: Analysis; onEvidence: (messageId: string) => void }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
      {Object.entries(analysis.structuredData ?? {}).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{words(name)}</dt>
          <dd className="flex min-w-0 flex-wrap items-center gap-1.5">
            <span className="[overflow-wrap:anywhere]">
              {typeof value === "string" ? value : JSON.stringify(value)}
            </span>
            {(analysis.evidence?.[name] ?? []).map((id, index) => (
              <button
                key={id}
                type="button"
                onClick={() => onEvidence(id)}
                className="min-h-6 rounded bg-note-wash px-1.5 text-xs text-note hover:underline"
                aria-label={`Evidence ${index + 1} for ${words(name)}: show the message`}
              >
                evidence {index + 1}
              </button>
            ))}
          </dd>
        </div>
      ))}
      {Object.entries(analysis.gaps ?? {}).map(([name, why]) => (
        <div key={`gap ${name}`} className="contents">
          <dt className="text-soft">{words(name)}</dt>
          <dd className="min-w-0 text-soft [overflow-wrap:anywhere]">not known: {why}</dd>
        </div>
      ))}
    </dl>
  );
}
