import { useNow } from "../ui/use-now.ts";
import { span } from "../ui/words.ts";
import type { Silence } from "./silence.ts";

/** The silence as it grows, up to where it is called a hang and beyond. */
export function SilenceMeter({ silence }: { silence: Silence }) {
  const now = useNow(100);
  const elapsedMs = Math.max(0, now - silence.since);
  const share = Math.min(1, elapsedMs / silence.thresholdMs);
  const isLate = silence.isHang || share >= 1;
  return (
    <div
      className="flex max-w-72 flex-col gap-1.5 self-start rounded-2xl border border-line bg-sunken px-3.5 py-2.5"
      role="status"
    >
      <span className="flex justify-between gap-4 text-xs">
        <span className={isLate ? "font-medium text-warn" : "text-soft"}>
          {isLate ? "Hang: " : ""}waiting for {silence.waitsFor}
        </span>
        <span className="tabular text-soft" aria-hidden>
          {span(elapsedMs)}
        </span>
      </span>
      <span
        className="h-1 overflow-hidden rounded-full bg-line"
        title={`A hang is raised after ${span(silence.thresholdMs)}`}
      >
        <span
          className={`block h-full rounded-full ${isLate ? "bg-warn" : "bg-accent"}`}
          style={{ width: `${100 * share}%` }}
        />
      </span>
    </div>
  );
}
