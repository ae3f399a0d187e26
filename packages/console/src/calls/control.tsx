import { control, type Control as ControlBody, type Fault, faultsOf, type Problem } from "@offhook/protocol";
import { type SyntheticEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Select, TextArea, TextField } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";

const acts = ["say", "add-message", "forward", "end"] as const;
type Act = (typeof acts)[number];

const names: Record<Act, string> = {
  say: "Say",
  "add-message": "Add message",
  forward: "Forward",
  end: "End call",
};

/** What can be done to a call that is live. */
export function ControlButtons({ callId }: { callId: string }) {
  const [act, setAct] = useState<Act>();
  return (
    <div className="flex flex-wrap gap-1.5" role="group" aria-label="Control of the call">
      {acts.map((one) => (
        <Button key={one} isSmall look={one === "end" ? "danger" : "plain"} onClick={() => setAct(one)}>
          {names[one]}
        </Button>
      ))}
      {act !== undefined && <ControlDialog callId={callId} act={act} onClose={() => setAct(undefined)} />}
    </div>
  );
}

type Draft = { text: string; role: string; phoneNumber: string; extension: string };

function ControlDialog({ callId, act, onClose }: { callId: string; act: Act; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({ text: "", role: "system", phoneNumber: "", extension: "" });
  const [faults, setFaults] = useState<Fault[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (): Promise<void> => {
    const read = control.safeParse(bodyOf(act, draft));
    if (!read.success) return setFaults(faultsOf(read.error));
    const answer = await server.calls.control(callId, read.data);
    if (answer.ok) onClose();
    else setProblem(answer.problem);
  };
  const send = (event: SyntheticEvent): void => {
    event.preventDefault();
    void submit();
  };
  return (
    <Dialog title={names[act]} onClose={onClose}>
      <form onSubmit={send} className="flex flex-col gap-4">
        <ControlFields
          act={act}
          draft={draft}
          faults={faults}
          onChange={(changed) => setDraft({ ...draft, ...changed })}
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={act === "end" ? "danger" : "primary"}>
            {names[act]}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function bodyOf(act: Act, { text, role, phoneNumber, extension }: Draft): unknown {
  switch (act) {
    case "say":
      return { type: act, message: text };
    case "add-message":
      return { type: act, role, text };
    case "forward":
      return { type: act, phoneNumber, ...(extension === "" ? {} : { extension }) };
    case "end":
      return { type: act } satisfies ControlBody;
  }
}

type FieldsProps = { act: Act; draft: Draft; faults: Fault[]; onChange: (changed: Partial<Draft>) => void };

function ControlFields({ act, draft, faults, onChange }: FieldsProps) {
  const faultAt = (path: string): string | undefined => faults.find((fault) => fault.path === path)?.message;
  switch (act) {
    case "end":
      return <p>The call ends at once; its report is sent as for any other.</p>;
    case "forward":
      return (
        <>
          <TextField
            label="Phone number"
            value={draft.phoneNumber}
            fault={faultAt("/phoneNumber")}
            onChange={({ target }) => onChange({ phoneNumber: target.value })}
          />
          <TextField
            label="Extension, if there is one"
            value={draft.extension}
            fault={faultAt("/extension")}
            onChange={({ target }) => onChange({ extension: target.value })}
          />
        </>
      );
    case "say":
      return (
        <TextArea
          label="What the assistant says"
          rows={3}
          value={draft.text}
          fault={faultAt("/message")}
          onChange={({ target }) => onChange({ text: target.value })}
        />
      );
    case "add-message":
      return (
        <>
          <Select
            label="As"
            value={draft.role}
            onChange={({ target }) => onChange({ role: target.value })}
            choices={["system", "user", "assistant"].map((value) => ({ value, label: value }))}
            hint="The assistant answers what a user says; it takes a system message as an instruction."
          />
          <TextArea
            label="Message"
            rows={3}
            value={draft.text}
            fault={faultAt("/text")}
            onChange={({ target }) => onChange({ text: target.value })}
          />
        </>
      );
  }
}
