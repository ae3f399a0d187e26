import type { Delivery } from "@offhook/protocol";
import { Badge } from "../ui/badge.tsx";
import { Away } from "../ui/moment.tsx";
import { count, shortId } from "../ui/words.ts";
import { stateTones } from "./delivery-words.ts";

type Props = {
  delivery: Delivery;
  now: number;
  isPicked: boolean;
  isOpen: boolean;
  onPick: () => void;
  onOpen: () => void;
};

/** An event on its way, in a list. */
export function DeliveryRow({ delivery, now, isPicked, isOpen, onPick, onOpen }: Props) {
  const { type, state, callId, sequence, attempts, at, nextAt, reason } = delivery;
  return (
    <div className={`flex h-full items-center ${isOpen ? "bg-accent-wash" : "bg-panel hover:bg-sunken"}`}>
      <label className="flex h-full items-center pr-2 pl-4 @2xl:pl-6">
        <input type="checkbox" checked={isPicked} onChange={onPick} className="size-4 accent-accent" />
        <span className="sr-only">
          Pick {type} {sequence} of call {shortId(callId)}
        </span>
      </label>
      <button
        type="button"
        data-row
        aria-pressed={isOpen}
        onClick={onOpen}
        className="grid h-full min-w-0 flex-1 grid-cols-[1fr_auto] items-center gap-x-4 pr-4 text-left focus-visible:-outline-offset-2 @2xl:grid-cols-[6.5rem_minmax(0,1fr)_minmax(0,1fr)_6rem_7rem] @2xl:pr-6"
      >
        <span className="@max-2xl:hidden">
          <Badge tone={stateTones[state]}>{state}</Badge>
        </span>
        <span className="min-w-0">
          <span className="block truncate font-medium">{type}</span>
          <span className="block truncate font-mono text-xs text-soft">
            {shortId(callId)} #{sequence}
          </span>
        </span>
        <span className="truncate text-xs text-soft @max-2xl:hidden">
          {reason ??
            (nextAt === null ? (
              ""
            ) : (
              <>
                next attempt <Away at={nextAt} now={now} />
              </>
            ))}
        </span>
        <span className="tabular text-right text-xs text-soft @max-2xl:hidden">
          {count(attempts, "attempt")}
        </span>
        <span className="text-right text-xs text-soft">
          <span className="block @2xl:hidden">
            <Badge tone={stateTones[state]}>{state}</Badge>
          </span>
          <Away at={at} now={now} />
        </span>
      </button>
    </div>
  );
}
