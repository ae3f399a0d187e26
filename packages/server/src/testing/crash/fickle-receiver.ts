import type { Random } from "../../random.ts";
import { type Behaviour, openReceiver, type Received } from "../receiver.ts";
import { type Arrival, arrivalOf } from "./account.ts";

/** A receiver that is mostly well: now and then it is slow, busy, failing or gone, and it notes everything. */
export type FickleReceiver = {
  url: string;
  arrivals: readonly Arrival[];
  /** The same as they came. */
  requests: readonly Received[];
  close(): Promise<void>;
};

/** How it is to behave. */
export type Fickleness = {
  /** An ask is always answered, after up to so many ms: then nobody has a reason to ask twice. Unless given, asks are treated as events are. */
  asksTakeMs?: number;
  /** It fails one event so many times at most, so that what comes in the end does not take minutes. */
  failuresMax?: number;
};

const failuresMaxDefault = 2;

type Mood = { share: number; behaviour: Behaviour };

/** What it does now and then, and how often. */
const moods: readonly Mood[] = [
  { share: 0.06, behaviour: { act: "answer", status: 500 } },
  { share: 0.02, behaviour: { act: "answer", status: 503 } },
  { share: 0.02, behaviour: { act: "answer", status: 429, headers: { "retry-after": "1" } } },
  { share: 0.02, behaviour: { act: "reset" } },
];

/** How long it takes when it is well, in ms, and how often. */
const paces = [
  { share: 0.05, delayMs: 300 },
  { share: 0.15, delayMs: 40 },
] as const;

export async function openFickleReceiver(
  random: Random,
  { asksTakeMs, failuresMax = failuresMaxDefault }: Fickleness = {},
): Promise<FickleReceiver> {
  const arrivals: Arrival[] = [];
  const failures = new Map<string, number>();
  const script = (request: Received): Behaviour => {
    const arrival = arrivalOf(request, undefined);
    const behaviour =
      arrival.kind === "ask" && asksTakeMs !== undefined
        ? done(Math.floor(random.fraction() * asksTakeMs))
        : (failures.get(arrival.id) ?? 0) < failuresMax
          ? chosen(random)
          : well(random);
    const isAccepted = behaviour.act === "answer" && (behaviour.status ?? 200) < 300;
    if (!isAccepted) failures.set(arrival.id, (failures.get(arrival.id) ?? 0) + 1);
    const takesMs = behaviour.act === "answer" ? (behaviour.delayMs ?? 0) : 0;
    arrivals.push({ ...arrival, acceptedAt: isAccepted ? request.at + takesMs : undefined });
    return behaviour;
  };
  const receiver = await openReceiver({ script });
  return { url: receiver.url, arrivals, requests: receiver.requests, close: () => receiver.close() };
}

function chosen(random: Random): Behaviour {
  return pick(random, moods)?.behaviour ?? well(random);
}

function well(random: Random): Behaviour {
  const delayMs = pick(random, paces)?.delayMs ?? Math.floor(random.fraction() * 4);
  return done(delayMs);
}

function done(delayMs: number): Behaviour {
  return { act: "answer", status: 200, body: '{"result": "done"}', delayMs };
}

function pick<Option extends { share: number }>(
  random: Random,
  options: readonly Option[],
): Option | undefined {
  let left = random.fraction();
  return options.find(({ share }) => (left -= share) < 0);
}
