import { useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { textAt } from "../ui/draft.ts";
import { server } from "../ui/server.ts";
import type { Tone } from "../ui/tone.ts";
import { checkServerUrl, checkSteps, type Finding } from "./check.ts";
import { type Edited, isSecretUnknown, sampleOf } from "./sample-of.ts";

/** Says step by step whether the Server URL of the draft works. */
export function CheckDialog({ edited, onClose }: { edited: Edited; onClose: () => void }) {
  const [findings, setFindings] = useState<readonly Finding[]>();
  const [isBusy, setBusy] = useState(false);
  const check = async (): Promise<void> => {
    setBusy(true);
    setFindings([]);
    const found = checkServerUrl({
      url: textAt(edited.draft, ["assistantServer", "url"]),
      sample: sampleOf(edited),
      isSecretUnknown: isSecretUnknown(edited),
      send: (sample) => server.events.sendSample(sample),
    });
    for await (const finding of found) setFindings((before = []) => [...before, finding]);
    setBusy(false);
  };
  return (
    <Dialog title="Check the Server URL" isWide onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center gap-3">
          <Button look="primary" disabled={isBusy} onClick={() => void check()}>
            {isBusy ? "Checking…" : "Check"}
          </Button>
          <span className="min-w-0 flex-1 text-xs text-soft">
            From the server: two events of an invented call, one of them signed with another secret, and a
            call of a tool that is not there.
          </span>
        </div>
        {findings !== undefined && <Steps findings={findings} />}
      </div>
    </Dialog>
  );
}

const tones: Record<Finding["state"], Tone> = { ok: "good", failed: "bad", skipped: "plain" };

function Steps({ findings }: { findings: readonly Finding[] }) {
  return (
    <ol aria-label="What was found" aria-live="polite" className="flex flex-col">
      {findings.map(({ step, state, words }) => (
        <li key={step} className="flex gap-3 border-t border-line py-2">
          <span className="w-18 shrink-0">
            <Badge tone={tones[state]}>{state}</Badge>
          </span>
          <span className="min-w-0 flex-1">
            <span className="block font-medium">{checkSteps[step]}</span>
            <span className="block text-soft [overflow-wrap:anywhere]">{words}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
