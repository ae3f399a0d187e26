import type { Delivery, EventView } from "@offhook/protocol";
import { Attempts } from "../deliveries/attempts.tsx";
import { stateTones } from "../deliveries/delivery-words.ts";
import { Badge } from "../ui/badge.tsx";
import { Icon } from "../ui/icon.tsx";
import { JsonText } from "../ui/json-text.tsx";
import { Moment } from "../ui/moment.tsx";
import { inks } from "../ui/tone.ts";
import { count } from "../ui/words.ts";
import { entryWords } from "./entry-words.ts";

type Props = {
  event: EventView;
  delivery: Delivery | undefined;
  offsetMs: number;
  isOpen: boolean;
  onOpen: () => void;
};

/** An entry of the journal: when, what, and what the application was told of it. */
export function EntryRow({ event, delivery, offsetMs, isOpen, onOpen }: Props) {
  const { title, about, icon, tone } = entryWords(event.data);
  return (
    <div className={isOpen ? "bg-sunken" : ""}>
      <button
        type="button"
        aria-expanded={isOpen}
        data-entry={event.seq}
        onClick={onOpen}
        className="flex min-h-11 w-full items-center gap-2.5 px-3 py-1.5 text-left hover:bg-sunken focus-visible:-outline-offset-2"
      >
        <span className="tabular w-14 shrink-0 text-right font-mono text-xs text-soft">
          {offset(offsetMs)}
        </span>
        <span className={inks[tone]}>
          <Icon name={icon} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="font-medium">{title}</span>{" "}
          <span className="line-clamp-1 text-xs text-soft [overflow-wrap:anywhere]">{about}</span>
        </span>
        {delivery !== undefined && <Told delivery={delivery} />}
      </button>
      {isOpen && <EntryDetail event={event} delivery={delivery} />}
    </div>
  );
}

function offset(ms: number): string {
  return `+${(ms / 1_000).toFixed(ms < 100_000 ? 2 : 0)} s`;
}

function Told({ delivery }: { delivery: Delivery }) {
  const { state, sequence, attempts } = delivery;
  return (
    <span title={`${delivery.type}, ${count(attempts, "attempt")}`}>
      <Badge tone={stateTones[state]}>
        <span className="tabular">#{sequence}</span> {state}
        {attempts > 1 && <span className="tabular"> ×{attempts}</span>}
      </Badge>
    </span>
  );
}

function EntryDetail({ event, delivery }: { event: EventView; delivery: Delivery | undefined }) {
  return (
    <div className="flex flex-col gap-3 px-3 pb-3 md:pl-20">
      <p className="text-xs text-soft">
        Entry {event.seq}, <Moment at={event.at} />
        {delivery === undefined ? "; the application is not told of it." : `; told as ${delivery.type}.`}
      </p>
      <JsonText value={event.data} label="the entry" />
      {delivery !== undefined && <Attempts id={delivery.id} state={delivery.state} />}
    </div>
  );
}
