import type { Answer, RotateInput } from "@offhook/client";
import type { Problem, RotatedSecret } from "@offhook/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "./button.tsx";
import { Copy } from "./copy.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { Moment } from "./moment.tsx";
import { Notice, ProblemNotice } from "./notice.tsx";

type Props = { rotate: (body: RotateInput) => Promise<Answer<RotatedSecret>>; onClose: () => void };

/** Makes a new secret, which is shown this once; the old one signs beside it for a while. */
export function RotateDialog({ rotate, onClose }: Props) {
  const [hours, setHours] = useState("24");
  const [rotated, setRotated] = useState<RotatedSecret>();
  const [problem, setProblem] = useState<Problem>();
  const queries = useQueryClient();
  const make = async (): Promise<void> => {
    const answer = await rotate({ overlapHours: Number(hours) });
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) setRotated(answer.value);
  };
  const close = (): void => {
    if (rotated !== undefined) void queries.invalidateQueries();
    onClose();
  };
  return (
    <Dialog title="Rotate the secret" onClose={close}>
      <div className="flex flex-col gap-4">
        {rotated === undefined ? (
          <>
            <p>
              A new secret is made and shown this once. The old one signs too, so that the application can
              change over.
            </p>
            <TextField
              label="The old one signs for, hours (0 to 168)"
              inputMode="numeric"
              value={hours}
              onChange={({ target }) => setHours(target.value)}
            />
          </>
        ) : (
          <Notice tone="good" title="The new secret, shown this once">
            <Copy text={rotated.secret} label="the secret" />
            {rotated.previousSecretUntil !== null && (
              <p>
                The old one signs too until <Moment at={rotated.previousSecretUntil} />.
              </p>
            )}
          </Notice>
        )}
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{rotated === undefined ? "Cancel" : "Done"}</Button>
          {rotated === undefined && (
            <Button look="primary" onClick={() => void make()}>
              Make a new secret
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
