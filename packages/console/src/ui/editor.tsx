import type { Answer, Kept } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Changes } from "./changes.tsx";
import { Dialog } from "./dialog.tsx";
import { changesBetween, type Draft, draftOf, patchBetween } from "./draft.ts";
import type { Form } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { Notice, ProblemNotice } from "./notice.tsx";
import { saveFile } from "./save-file.ts";
import { Tabs } from "./tabs.tsx";
import { count } from "./words.ts";
import { draftIn, yamlQuery, YamlText } from "./yaml-text.tsx";

type Props = {
  /** What it is called, such as `assistant`. */
  one: string;
  /** As it is stored; null for a new one. */
  kept: Kept | null;
  beginning: Draft;
  faultsIn: (draft: Draft) => ReadonlyMap<string, string>;
  create: (draft: Draft) => Promise<Answer<Kept>>;
  update: (id: string, patch: Draft) => Promise<Answer<Kept>>;
  onSaved: (kept: Kept) => void;
  /** The form, and what else belongs to the thing. */
  children: (form: Form) => ReactNode;
};

const noFaults: ReadonlyMap<string, string> = new Map();

/** Edits a stored thing, as a form or as YAML. Nothing is saved before its changes were shown. */
export function Editor({ one, kept, beginning, faultsIn, create, update, onSaved, children }: Props) {
  const before = kept === null ? beginning : draftOf(kept);
  const [draft, change] = useState(before);
  const [view, setView] = useState<"form" | "yaml">("form");
  const [isReviewing, setReviewing] = useState(false);
  const changes = changesBetween(kept === null ? {} : before, draft);
  // What is kept was looked at when it was saved; a schema that runs for the first time would hold up the first sight.
  const faults = kept !== null && changes.length === 0 ? noFaults : faultsIn(draft);
  const save = (): Promise<Answer<Kept>> =>
    kept === null ? create(draft) : update(kept._id, patchBetween(before, draft));
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-panel px-4 py-2 md:px-6">
        <Tabs
          label="How it is edited"
          tabs={[
            { id: "form", name: "Form" },
            { id: "yaml", name: "YAML" },
          ]}
          chosen={view}
          onChoose={setView}
        />
        <Files one={one} draft={draft} onRead={change} />
        <span className="ml-auto text-xs text-soft" role="status">
          {faults.size > 0 ? (
            <span className="font-medium text-bad">{count(faults.size, "fault")}</span>
          ) : (
            count(changes.length, "change")
          )}
        </span>
        <Button look="primary" disabled={changes.length === 0} onClick={() => setReviewing(true)}>
          Review and save
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-auto bg-panel px-4 md:px-6">
        <div className="mx-auto max-w-4xl">
          {faults.size > 0 && <FaultList faults={faults} />}
          {view === "form" ? (
            children({ draft, faults, change })
          ) : (
            <div className="py-6">
              <YamlText draft={draft} onChange={change} />
            </div>
          )}
        </div>
      </div>
      {isReviewing && (
        <Review
          one={one}
          changes={changes}
          faults={faults}
          save={save}
          onSaved={onSaved}
          onClose={() => setReviewing(false)}
        />
      )}
    </>
  );
}

function FaultList({ faults }: { faults: ReadonlyMap<string, string> }) {
  return (
    <div className="pt-4">
      <Notice tone="bad" title="This cannot be saved yet">
        <ul>
          {[...faults].map(([path, message]) => (
            <li key={path}>
              <code className="font-mono text-xs">{path === "" ? "/" : path}</code>: {message}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

/** To a file and from one. */
function Files({ one, draft, onRead }: { one: string; draft: Draft; onRead: (draft: Draft) => void }) {
  const queries = useQueryClient();
  const [fault, setFault] = useState<string>();
  const save = async (): Promise<void> => {
    const yaml = await queries.query(yamlQuery);
    const name = typeof draft["name"] === "string" ? draft["name"] : one;
    saveFile(
      `${name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-")}.yaml`,
      yaml.stringify(draft),
      "application/yaml",
    );
  };
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const found = draftIn(await queries.query(yamlQuery), await file.text());
    setFault("fault" in found ? found.fault : undefined);
    if ("draft" in found) onRead(draftOf(found.draft));
  };
  return (
    <>
      <Button isSmall onClick={() => void save()}>
        <Icon name="download" /> Export
      </Button>
      <label className="inline-flex min-h-7 cursor-pointer items-center gap-1.5 rounded-lg border border-line bg-panel px-2 text-xs font-medium shadow-xs focus-within:outline-2 focus-within:outline-accent hover:bg-sunken">
        <Icon name="upload" /> Import
        <input
          type="file"
          accept=".yaml,.yml,.json"
          className="sr-only"
          onChange={({ target }) => void read(target.files?.[0])}
        />
      </label>
      {fault !== undefined && <span className="text-xs text-bad">{fault}</span>}
    </>
  );
}

type ReviewProps = {
  one: string;
  changes: ReturnType<typeof changesBetween>;
  faults: ReadonlyMap<string, string>;
  save: () => Promise<Answer<Kept>>;
  onSaved: (kept: Kept) => void;
  onClose: () => void;
};

function Review({ one, changes, faults, save, onSaved, onClose }: ReviewProps) {
  const [problem, setProblem] = useState<Problem>();
  const queries = useQueryClient();
  const confirm = async (): Promise<void> => {
    const answer = await save();
    if (!answer.ok) return setProblem(answer.problem);
    await queries.invalidateQueries();
    onSaved(answer.value);
    onClose();
  };
  return (
    <Dialog title={`Save the ${one}`} isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <Changes changes={changes} />
        {faults.size > 0 && <Notice tone="bad">There are faults: mend them before it is saved.</Notice>}
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Go on editing</Button>
          <Button look="primary" disabled={faults.size > 0} onClick={() => void confirm()}>
            Save
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
