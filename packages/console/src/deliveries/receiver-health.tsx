import { useQuery } from "@tanstack/react-query";
import { Receiver } from "../overview/receivers.tsx";
import { Icon } from "../ui/icon.tsx";
import { server, valueOf } from "../ui/server.ts";
import { count } from "../ui/words.ts";

const lookMs = 5_000;

/** How each receiver has fared in the last hour; closed until somebody asks, with the word that matters most. */
export function ReceiverHealth() {
  const { data } = useQuery({
    queryKey: ["overview", "60"],
    queryFn: () => valueOf(server.overview({ minutes: 60 })),
    refetchInterval: lookMs,
  });
  const receivers = data?.receivers ?? [];
  const ill = receivers.filter(({ lastOutcome }) => lastOutcome !== "accepted").length;
  return (
    <details className="group shrink-0 border-b border-line bg-panel">
      <summary className="flex min-h-9 list-none items-center gap-2 px-4 text-xs text-soft md:px-6">
        <Icon name="right" className="size-3.5 group-open:rotate-90" />
        <span>{count(receivers.length, "receiver")} in the last hour</span>
        {ill > 0 && <span className="font-medium text-bad">{ill} did not accept the last attempt</span>}
        {ill === 0 && receivers.length > 0 && <span className="text-good">all well</span>}
      </summary>
      <ul className="max-h-64 overflow-auto border-t border-line">
        {receivers.map((receiver) => (
          <Receiver key={receiver.url} receiver={receiver} now={data?.to ?? 0} />
        ))}
      </ul>
    </details>
  );
}
