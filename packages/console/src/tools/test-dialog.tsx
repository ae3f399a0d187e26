import type { Problem, ToolTrial } from "@offhook/protocol";
import { useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { at, isObject } from "../ui/draft.ts";
import { JsonField } from "../ui/json-field.tsx";
import { JsonText } from "../ui/json-text.tsx";
import { ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";
import { span, spaced } from "../ui/words.ts";

type Props = { toolId: string; parameters: unknown; onClose: () => void };

/** Really calls a tool, and shows what was sent, what came back and how it was understood. */
export function TestDialog({ toolId, parameters, onClose }: Props) {
  const [args, setArgs] = useState<unknown>(() => exampleOf(parameters));
  const [trial, setTrial] = useState<ToolTrial>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    const answer = await server.tools.test(toolId, objectOf(args));
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    setTrial(answer.ok ? answer.value : undefined);
  };
  return (
    <Dialog title="Test the tool" isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <JsonField
          label="Arguments, as the model would give them"
          rows={5}
          value={args}
          fault={undefined}
          onChange={setArgs}
        />
        <div className="flex items-center gap-3">
          <Button look="primary" disabled={isBusy} onClick={() => void test()}>
            {isBusy ? "Calling…" : "Call it"}
          </Button>
          <span className="text-xs text-soft">This really calls its server, as it is stored.</span>
        </div>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {trial !== undefined && <Trial trial={trial} />}
      </div>
    </Dialog>
  );
}

function Trial({ trial: { outcome, elapsedMs, exchange } }: { trial: ToolTrial }) {
  return (
    <div className="flex flex-col gap-3" role="status">
      <p className="flex flex-wrap items-center gap-2">
        {outcome.kind === "result" ? (
          <Badge tone="good">understood as {spaced(outcome.understoodAs)}</Badge>
        ) : (
          <Badge tone="bad">{outcome.code}</Badge>
        )}
        {outcome.kind === "error" && <span>{outcome.error}</span>}
        <span className="text-soft">
          {exchange.status === null ? "no answer" : `answered ${exchange.status}`} after {span(elapsedMs)}
        </span>
      </p>
      {outcome.kind === "result" && <JsonText value={outcome.result} label="the result" />}
      <JsonText value={exchange.answer} label="the answer" />
      <JsonText value={exchange.body} label={`what was sent to ${exchange.url}`} />
    </div>
  );
}

/** Arguments to begin with: an empty value for each parameter. */
function exampleOf(parameters: unknown): Record<string, unknown> {
  const properties = at(parameters, ["properties"]);
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, emptyOf(at(schema, ["type"]))]),
  );
}

function emptyOf(type: unknown): unknown {
  if (type === "number" || type === "integer") return 0;
  if (type === "boolean") return false;
  if (type === "array") return [];
  return type === "object" ? {} : "";
}

/** Arguments are an object; what is none is sent as none. */
function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
