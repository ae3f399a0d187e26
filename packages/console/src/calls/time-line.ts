import type { Delivery, EventView } from "@offhook/protocol";
import type { Tone } from "../ui/tone.ts";
import { stateTones } from "../deliveries/delivery-words.ts";
import { entryWords } from "./entry-words.ts";

export const lanes = ["User", "Assistant", "Model", "Tools", "Silence", "Deliveries"] as const;
export type Lane = (typeof lanes)[number];

/** Something on the time line, from one moment to another. `seq` is the entry that it leads to. */
export type Span = { lane: Lane; from: number; to: number; tone: Tone; label: string; seq: number };

export type TimeLine = { from: number; to: number; spans: Span[] };

/** Lays a journal out in time. What has begun and not ended goes on until `now`. Times are epoch ms. */
export function timeLine(
  events: readonly EventView[],
  deliveries: ReadonlyMap<number, Delivery>,
  now: number,
): TimeLine {
  const first = events[0]?.at ?? now;
  const last = events.at(-1)?.at ?? now;
  const isOver = events.some(({ data }) => data.type === "reported");
  const to = isOver ? last : Math.max(last, now);
  const spans = events.flatMap((event) => spanOf(event, { events, deliveries, end: to }) ?? []);
  return { from: first, to: Math.max(to, first + 1), spans };
}

type Around = { events: readonly EventView[]; deliveries: ReadonlyMap<number, Delivery>; end: number };

function spanOf(event: EventView, around: Around): Span[] {
  const told = toldSpan(event, around);
  const own = ownSpan(event, around);
  return [own, told].filter((span) => span !== undefined);
}

function ownSpan(event: EventView, { events, end }: Around): Span | undefined {
  const { data, at, seq } = event;
  const words = entryWords(data);
  const label = `${words.title}: ${words.about}`;
  switch (data.type) {
    case "message-added": {
      const lane = data.message.role === "user" ? "User" : "Assistant";
      return { lane, from: at, to: at, tone: lane === "User" ? "plain" : "accent", label, seq };
    }
    case "model-requested": {
      const answer = events.find(
        (other) => other.data.type === "model-answered" && other.data.replyId === data.replyId,
      );
      return { lane: "Model", from: at, to: answer?.at ?? end, tone: toneOf(answer, "talk"), label, seq };
    }
    case "tool-requested": {
      const answer = events.find(
        (other) => other.data.type === "tool-answered" && other.data.toolCallId === data.toolCallId,
      );
      return { lane: "Tools", from: at, to: answer?.at ?? end, tone: toneOf(answer, "note"), label, seq };
    }
    case "hang":
      return {
        lane: "Silence",
        from: at - data.hang.elapsedMs,
        to: hangEnd(event, events, end),
        tone: "warn",
        label,
        seq,
      };
    case "taken-up":
      return { lane: "Silence", from: at - data.pauseMs, to: at, tone: "warn", label, seq };
    case "error":
      return { lane: "Silence", from: at, to: at, tone: "bad", label, seq };
    default:
      return undefined;
  }
}

function toneOf(answer: EventView | undefined, usual: Tone): Tone {
  const { data } = answer ?? {};
  if (data?.type === "tool-answered") return data.outcome.kind === "error" ? "bad" : usual;
  if (data?.type === "model-answered") return data.outcome === "failed" ? "bad" : usual;
  return usual;
}

/** A hang lasts until the assistant says something, or its turn ends. */
function hangEnd(hang: EventView, events: readonly EventView[], end: number): number {
  const over = events.find(
    ({ seq, data }) =>
      seq > hang.seq &&
      (data.type === "hang-recovered" || data.type === "turn-ended" || isAssistantMessage(data)),
  );
  return over?.at ?? end;
}

function isAssistantMessage(data: EventView["data"]): boolean {
  return data.type === "message-added" && data.message.role === "assistant";
}

function toldSpan({ told, at, seq }: EventView, { deliveries, end }: Around): Span | undefined {
  const delivery = told === null ? undefined : deliveries.get(told.sequence);
  if (told === null || delivery === undefined) return undefined;
  const isUnderWay = delivery.state === "pending" || delivery.state === "retrying";
  const label = `${told.type} ${delivery.state}`;
  return {
    lane: "Deliveries",
    from: at,
    to: isUnderWay ? end : at,
    tone: stateTones[delivery.state],
    label,
    seq,
  };
}

/** The part of a time line that is looked at. */
export type Sight = { from: number; to: number };

/** Narrows or widens what is looked at around a moment, within the whole and not below 100 ms. */
export function zoom(
  sight: Sight,
  whole: Sight,
  { factor, around }: { factor: number; around: number },
): Sight {
  const length = Math.min(Math.max((sight.to - sight.from) / factor, leastMs), whole.to - whole.from);
  const share = (around - sight.from) / (sight.to - sight.from);
  return within({ from: around - share * length, to: around + (1 - share) * length }, whole);
}

const leastMs = 100;

/** Moves what is looked at by a share of itself. */
export function pan(sight: Sight, whole: Sight, share: number): Sight {
  const by = (sight.to - sight.from) * share;
  return within({ from: sight.from + by, to: sight.to + by }, whole);
}

function within({ from, to }: Sight, whole: Sight): Sight {
  const length = to - from;
  const start = Math.min(Math.max(from, whole.from), Math.max(whole.to - length, whole.from));
  return { from: start, to: Math.min(start + length, whole.to) };
}
