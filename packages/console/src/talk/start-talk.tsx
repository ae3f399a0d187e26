import type { Problem } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";
import { assistantsQuery } from "../assistants/use-assistants.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { Select, TextArea, TextField } from "../ui/field.tsx";
import { Empty, FailureNotice, Loading, ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";
import { variablesIn } from "./variables.ts";

const route = getRouteApi("/inside/talk");

/** Chooses who answers, changes it for this call if one likes, and places the call. */
export function StartTalk() {
  const { data, error, isPending } = useQuery(assistantsQuery);
  if (error !== null) return <FailureNotice error={error} />;
  if (isPending) return <Loading />;
  if (data.data.length === 0)
    return (
      <Empty
        icon="talk"
        title="There is no assistant to talk to yet"
        action={
          <Link
            to="/assistants/$assistantId"
            params={{ assistantId: "new" }}
            className={buttonClass("primary")}
          >
            Make an assistant
          </Link>
        }
      >
        <p>
          An assistant has a prompt, a model and tools. The provider rehearsal follows a script and needs no
          key.
        </p>
      </Empty>
    );
  return <StartForm assistants={data.data} />;
}

type Kept = { _id: string; [field: string]: unknown };
type Draft = {
  prompt: string;
  welcome: string;
  model: string;
  user: string;
  variables: Record<string, string>;
};

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function StartForm({ assistants }: { assistants: readonly Kept[] }) {
  const { assistantId } = route.useSearch();
  const navigate = useNavigate();
  const chosen = assistants.find(({ _id }) => _id === assistantId) ?? assistants[0];
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  if (chosen === undefined) return null;
  const draft = drafts[chosen._id] ?? draftOf(chosen);
  const start = async (): Promise<void> => {
    setBusy(true);
    const answer = await server.calls.connect(bodyOf(chosen, draft));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    void navigate({ to: "/talk", search: { callId: answer.value.id, assistantId: chosen._id } });
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void start();
  };
  return (
    <form onSubmit={submit} className="mx-auto flex w-full max-w-2xl flex-col gap-4 p-4 md:p-6">
      <Select
        label="Who answers"
        value={chosen._id}
        onChange={({ target }) =>
          void navigate({ to: "/talk", search: { assistantId: target.value }, replace: true })
        }
        choices={assistants.map(({ _id, name }) => ({ value: _id, label: textOf(name) || _id }))}
      />
      <DraftFields
        draft={draft}
        onChange={(changed) => setDrafts({ ...drafts, [chosen._id]: { ...draft, ...changed } })}
      />
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" disabled={isBusy}>
          {isBusy ? "Calling…" : "Start the call"}
        </Button>
        <span className="text-xs text-soft">What is changed here holds for this call only.</span>
      </div>
    </form>
  );
}

function draftOf(kept: Kept): Draft {
  return {
    prompt: textOf(kept["assistantSystemPrompt"]),
    welcome: textOf(kept["welcomeMessage"]),
    model: textOf(kept["assistantModel"]),
    user: "web-console",
    variables: {},
  };
}

function bodyOf(kept: Kept, draft: Draft) {
  const before = draftOf(kept);
  return {
    assistantId: kept._id,
    callType: "chat" as const,
    customer: { number: draft.user },
    metadata: { from: "console" },
    assistantOverrides: {
      dynamicVariables: draft.variables,
      ...(draft.prompt === before.prompt ? {} : { assistantSystemPrompt: draft.prompt }),
      ...(draft.welcome === before.welcome ? {} : { welcomeMessage: draft.welcome }),
      ...(draft.model === before.model ? {} : { assistantModel: draft.model }),
    },
  };
}

function DraftFields({ draft, onChange }: { draft: Draft; onChange: (changed: Partial<Draft>) => void }) {
  const names = variablesIn(draft.prompt, draft.welcome);
  return (
    <>
      <TextArea
        label="First words"
        rows={2}
        value={draft.welcome}
        onChange={({ target }) => onChange({ welcome: target.value })}
      />
      <TextArea
        label="Prompt"
        rows={7}
        className="font-mono text-xs"
        value={draft.prompt}
        onChange={({ target }) => onChange({ prompt: target.value })}
        hint="{{date}} is today; other {{variables}} are asked for below."
      />
      <div className="grid gap-4 md:grid-cols-2">
        <TextField
          label="Model"
          value={draft.model}
          onChange={({ target }) => onChange({ model: target.value })}
        />
        <TextField
          label="You call as"
          value={draft.user}
          required
          onChange={({ target }) => onChange({ user: target.value })}
        />
        {names.map((name) => (
          <TextField
            key={name}
            label={`{{${name}}}`}
            value={draft.variables[name] ?? ""}
            onChange={({ target }) => onChange({ variables: { ...draft.variables, [name]: target.value } })}
          />
        ))}
      </div>
    </>
  );
}
