import type { CallId, Entry, Happening, HappeningOf, Message, TeamId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Reply } from "./calls.ts";
import { type Journal, tail } from "./journal-tail.ts";

/**
 * Watches for the turn that the user's next words begin, and gathers what the
 * assistant says in it. Watch before the words are told; `stop` if they are refused.
 */
export function watchReply(
  bus: Bus,
  whom: { teamId: TeamId; callId: CallId },
  text: string,
): { reply: Promise<Reply>; stop: () => void } {
  const reader = new ReplyReader(text);
  let settle: (reply: Reply) => void = () => undefined;
  const reply = new Promise<Reply>((resolve) => (settle = resolve));
  const stop = bus.watch(whom, (news) => {
    const read = news.kind === "entries" ? reader.read(news.entries) : undefined;
    if (read === undefined) return;
    settle(read);
    stop();
  });
  return { reply, stop };
}

export type FollowReply = {
  journal: Journal;
  /** The words are behind this entry. */
  after: number;
  text: string;
  clock: Clock;
  /** How often the store is looked at when nobody tells of anything, and how long in all. */
  lookEveryMs: number;
  limitMs: number;
};

/**
 * Reads the reply to words from their call's journal, whoever holds the call.
 * Never fails; after its limit it is what has come so far, `unanswered`.
 */
export async function followReply(follow: FollowReply): Promise<Reply> {
  const { journal, after, text, clock, lookEveryMs: idleMs, limitMs } = follow;
  const reader = new ReplyReader(text);
  const enough = new AbortController();
  const cancel = clock.after(limitMs, () => enough.abort());
  // What cannot be read now is read at the next look.
  const patient = {
    ...journal,
    read: (from: number, limit: number) => journal.read(from, limit).catch(() => []),
  };
  const pieces = tail({ journal: patient, after, limit: pageMax, idleMs, clock, signal: enough.signal });
  try {
    for await (const entries of pieces) {
      const read = reader.read(entries);
      if (read !== undefined) return read;
    }
    return reader.soFar("unanswered");
  } finally {
    cancel();
  }
}

const pageMax = 500;

/** Finds the reply to some words in what happens after them, in order. */
class ReplyReader {
  readonly #text: string;
  readonly #messages: Message[] = [];
  #state: Watched = { kind: "before" };

  constructor(text: string) {
    this.#text = text;
  }

  soFar(outcome: Reply["outcome"]): Reply {
    return { messages: this.#messages, outcome };
  }

  /** Reads on; the reply, once its turn has ended. */
  read(entries: readonly Entry[]): Reply | undefined {
    for (const { what } of entries) {
      const ended = this.#take(what);
      if (ended !== undefined) return this.soFar(ended);
      if (this.#state.kind === "unanswered") return this.soFar("unanswered");
    }
    return undefined;
  }

  #take(what: Happening): Reply["outcome"] | undefined {
    const state = this.#state;
    if (state.kind === "before" && isSaid(what, this.#text)) {
      this.#state = begunBy(what);
    } else if (state.kind === "waiting" && what.type === "turn-started" && what.cause === "user") {
      this.#state = { kind: "in", turnId: what.turnId };
    } else if (state.kind === "waiting" && isMute(what)) {
      this.#state = { kind: "unanswered" };
    } else if (state.kind === "in" && what.type === "message-added" && what.message.role === "assistant") {
      this.#messages.push(what.message);
    } else if (state.kind === "in" && what.type === "turn-ended" && what.turnId === state.turnId) {
      return what.outcome;
    } else if (what.type === "status-changed" && what.status === "finished") {
      return "call-ended";
    }
    return undefined;
  }
}

type Watched =
  | { kind: "before" }
  /** The words were heard, and a later turn answers them. */
  | { kind: "waiting" }
  | { kind: "in"; turnId: string }
  | { kind: "unanswered" };

function isSaid(what: Happening, text: string): what is HappeningOf<"message-added"> {
  return what.type === "message-added" && what.message.role === "user" && what.message.text === text;
}

function begunBy({ turnId, waits }: HappeningOf<"message-added">): Watched {
  if (turnId !== undefined) return { kind: "in", turnId };
  return waits ? { kind: "waiting" } : { kind: "unanswered" };
}

/** Muted, the assistant does not answer what waits either. */
function isMute(what: Happening): boolean {
  return what.type === "control-received" && what.control["type"] === "mute";
}
