import { type Problem, type SampleTrial, type SampleType, sampleTypes } from "@offhook/protocol";
import { useState } from "react";
import { outcomeTones } from "../deliveries/delivery-words.ts";
import { choice } from "../ui/address.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Select } from "../ui/field.tsx";
import { JsonText } from "../ui/json-text.tsx";
import { ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";
import { span } from "../ui/words.ts";
import { type Edited, isSecretUnknown, sampleOf } from "./sample-of.ts";

/** Sends an event of an invented call, or a tool call, to the Server URL as it is in the draft, and shows what came of it. */
export function SampleDialog({ edited, onClose }: { edited: Edited; onClose: () => void }) {
  const [type, setType] = useState<SampleType>("status-update");
  const [trial, setTrial] = useState<SampleTrial>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await server.events.sendSample({ ...sampleOf(edited), type });
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    setTrial(answer.ok ? answer.value : undefined);
  };
  return (
    <Dialog title="Send a sample" isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div className="flex items-end gap-3">
          <div className="flex-1">
            <Select
              label="Event"
              value={type}
              onChange={({ target }) => setType(choice(sampleTypes, target.value) ?? type)}
              choices={sampleTypes.map((value) => ({ value, label: value }))}
            />
          </div>
          <Button look="primary" disabled={isBusy} onClick={() => void send()}>
            {isBusy ? "Sending…" : "Send"}
          </Button>
        </div>
        {isSecretUnknown(edited) && (
          <p className="text-xs text-soft">
            The kept secret is sent only to the kept address, so this sample is not signed with it: a receiver
            that verifies will refuse it. Save the address first, or write the secret into its field.
          </p>
        )}
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {trial !== undefined && <Trial trial={trial} />}
      </div>
    </Dialog>
  );
}

function Trial({ trial: { outcome, detail, elapsedMs, request, answer } }: { trial: SampleTrial }) {
  return (
    <div className="flex flex-col gap-3" role="status">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={outcomeTones[outcome]}>{outcome}</Badge> {detail}{" "}
        <span className="text-soft">after {span(elapsedMs)}</span>
      </p>
      {answer !== null && <JsonText value={answer.body} label="the answer" />}
      <JsonText value={request.headers} label="the headers that were sent" />
      <JsonText value={request.body} label="the body that was sent" />
    </div>
  );
}
