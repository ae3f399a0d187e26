import type { DeliveryState } from "@offhook/protocol";
import type { RedeliverQuery } from "@offhook/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { after } from "../clock.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice, ProblemNotice } from "../ui/notice.tsx";
import { server } from "../ui/server.ts";
import { count } from "../ui/words.ts";
import { manyOf, type Progress, redeliver } from "./redeliver.ts";

type Filter = Omit<RedeliverQuery, "state"> & { state?: DeliveryState | undefined };
type Props = { filter: Filter; picked: ReadonlySet<string>; onDone: () => void };

const pause = (ms: number): Promise<void> => new Promise((resolve) => after(ms, resolve));

/** Sends what was picked again, or all that the filters show, and says how it goes. */
export function RedeliverBar({ filter, picked, onDone }: Props) {
  const [progress, setProgress] = useState<Progress>();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const send = async (): Promise<void> => {
    for await (const step of redeliver({ client: server, pause }, [...picked])) setProgress(step);
    onDone();
    await queries.invalidateQueries();
  };
  const many = manyOf(filter);
  const isMany = filter.state === "dead" && many !== undefined;
  if (picked.size === 0 && progress === undefined && !isMany) return null;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-3 border-b border-line bg-accent-wash px-4 py-2 md:px-6">
      {picked.size > 0 && (
        <>
          <span className="font-medium">{count(picked.size, "event")} picked</span>
          <Button isSmall look="primary" onClick={() => void send()}>
            <Icon name="again" /> Send again
          </Button>
          <Button isSmall look="quiet" onClick={onDone}>
            Unpick
          </Button>
        </>
      )}
      {picked.size === 0 && isMany && (
        <Button isSmall onClick={() => setAsking(true)}>
          <Icon name="again" /> Send all of these again…
        </Button>
      )}
      {progress !== undefined && <ProgressView progress={progress} />}
      {isAsking && many !== undefined && <AllDialog many={many} onClose={() => setAsking(false)} />}
    </div>
  );
}

function ProgressView({ progress: { of, sent, accepted, failed, problem } }: { progress: Progress }) {
  return (
    <div className="flex min-w-48 flex-1 items-center gap-3" role="status">
      <progress
        max={of}
        value={accepted + failed}
        aria-label="Sent again"
        className="h-1.5 flex-1 accent-accent"
      />
      <span className="tabular text-xs">
        {sent} of {of} sent, {accepted} accepted{failed > 0 ? `, ${failed} failed` : ""}
      </span>
      {problem !== undefined && <ProblemNotice problem={problem} />}
    </div>
  );
}

function AllDialog({ many, onClose }: { many: RedeliverQuery; onClose: () => void }) {
  const queries = useQueryClient();
  const [done, setDone] = useState<Awaited<ReturnType<typeof server.deliveries.redeliverMany>>>();
  const send = async (): Promise<void> => {
    setDone(await server.deliveries.redeliverMany(many));
    await queries.invalidateQueries();
  };
  return (
    <Dialog title="Send all of these again" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>
          Every event that the filters show is sent again, the events of each call in their order, before
          anything new of it. At most 10,000 go at a time. The application gets each under the same{" "}
          <code className="font-mono text-xs">webhook-id</code> as before.
        </p>
        {done?.ok === true && (
          <Notice tone="good">
            {count(done.value.events, "event")} of {count(done.value.calls, "call")} on their way
            {done.value.more ? "; there are more of them: send again when these are through." : "."}
          </Notice>
        )}
        {done?.ok === false && <ProblemNotice problem={done.problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{done?.ok === true ? "Done" : "Cancel"}</Button>
          {done?.ok !== true && (
            <Button look="primary" onClick={() => void send()}>
              Send again
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
