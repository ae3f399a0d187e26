import type { Answer } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ProblemNotice } from "./notice.tsx";

type Props = { what: string; remove: () => Promise<Answer<undefined>>; onRemoved: () => void };

/** Removes something for good, after it was asked about. */
export function RemoveButton({ what, remove, onRemoved }: Props) {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const queries = useQueryClient();
  const confirm = async (): Promise<void> => {
    const answer = await remove();
    if (!answer.ok) return setProblem(answer.problem);
    onRemoved();
    await queries.invalidateQueries();
  };
  return (
    <>
      <Button isSmall look="danger" onClick={() => setAsking(true)}>
        Remove
      </Button>
      {isAsking && (
        <Dialog title={`Remove ${what}`} onClose={() => setAsking(false)}>
          <div className="flex flex-col gap-4">
            <p>It is gone for good. Calls that run go on with what they began with.</p>
            {problem !== undefined && <ProblemNotice problem={problem} />}
            <div className="flex justify-end gap-2">
              <Button onClick={() => setAsking(false)}>Keep it</Button>
              <Button look="danger" onClick={() => void confirm()}>
                Remove
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
