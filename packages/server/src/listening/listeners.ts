import type { Listened, ListenedToolCall, ListenerAnswer, TeamId } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { ToldListener } from "../peers.ts";
import { listeningLimits } from "./limits.ts";
import { OfferedToolCall, type Outcome } from "./tool-call.ts";

/** Who is asked for: the listener of a call's assistant. */
export type Sought = { teamId: string; assistantId: string | null };

/** A listener that is there for as long as its stream is open. */
export type Attached = {
  /** Tool calls that were offered since the last time. */
  take(): ListenedToolCall[];
  /** Whether there are any. */
  waiting(): boolean;
  /** Has the bell rung when there are; returns the way to stop. */
  watch(ring: () => void): () => void;
  /** Aborted when the listener was found to be gone. */
  gone: AbortSignal;
  leave(): void;
};

/** Those at this server who take tool calls in the place of a Server URL. */
export class Listeners {
  readonly #clock: Clock;
  readonly #changed: () => void;
  /** The newest first: an old one may be a connection that nobody is at the end of. */
  #attached: Listener[] = [];

  /** `changed` is told whenever one has come or gone. */
  constructor(clock: Clock, changed: () => void = () => undefined) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The newest first. */
  get told(): ToldListener[] {
    return this.#attached.map(({ told }) => told);
  }

  attach(teamId: TeamId, assistants: Listened): Attached {
    const listener = new Listener({ teamId, assistants, since: this.#clock.now() });
    this.#attached = [listener, ...this.#attached];
    this.#changed();
    return {
      take: () => listener.take(),
      waiting: () => listener.waiting(),
      watch: (ring) => listener.watch(ring),
      gone: listener.gone,
      leave: () => this.#drop(listener),
    };
  }

  /** Since when the one listens who would be asked; undefined when nobody does. */
  since(sought: Sought): number | undefined {
    return this.#find(sought)?.told.since;
  }

  /** Offers a tool call to whoever listens; `untaken` when nobody has begun it. Never throws. */
  async offer(sought: Sought, call: ListenedToolCall, signal?: AbortSignal): Promise<Outcome> {
    const listener = this.#find(sought);
    if (listener === undefined || listener.isFull()) return "untaken";
    const offered = new OfferedToolCall(this.#clock, call);
    const stop = (): void => offered.stop();
    signal?.addEventListener("abort", stop);
    listener.add(offered);
    const outcome = await offered.outcome;
    signal?.removeEventListener("abort", stop);
    listener.remove(offered);
    if (outcome === "untaken") this.#drop(listener);
    return outcome;
  }

  /** What a listener says of a tool call; answers whether somebody still waits for it. */
  answer(teamId: TeamId, toolCallId: string, answer: ListenerAnswer): boolean {
    const own = this.#attached.filter(({ told }) => told.teamId === teamId);
    return own.some((listener) => listener.hear(toolCallId, answer));
  }

  #find(sought: Sought): Listener | undefined {
    return this.#attached.find(({ told }) => isSought(told, sought));
  }

  #drop(listener: Listener): void {
    if (!this.#attached.includes(listener)) return;
    this.#attached = this.#attached.filter((one) => one !== listener);
    listener.close();
    this.#changed();
  }
}

/** Whether a listener listens to the assistant of a call. */
export function isSought({ teamId, assistants }: ToldListener, sought: Sought): boolean {
  if (sought.teamId !== teamId) return false;
  return assistants === "all" || (sought.assistantId !== null && assistants.includes(sought.assistantId));
}

class Listener {
  readonly told: ToldListener;
  readonly #gone = new AbortController();
  readonly #calls = new Map<string, OfferedToolCall>();
  #untold: OfferedToolCall[] = [];
  #ring: () => void = () => undefined;

  constructor(told: ToldListener) {
    this.told = told;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  isFull(): boolean {
    return this.#calls.size >= listeningLimits.toolCallsMax;
  }

  add(offered: OfferedToolCall): void {
    this.#calls.set(offered.call.id, offered);
    this.#untold.push(offered);
    this.#ring();
  }

  remove(offered: OfferedToolCall): void {
    if (this.#calls.get(offered.call.id) === offered) this.#calls.delete(offered.call.id);
    this.#untold = this.#untold.filter((one) => one !== offered);
  }

  take(): ListenedToolCall[] {
    const taken = this.#untold.map(({ call }) => call);
    this.#untold = [];
    return taken;
  }

  waiting(): boolean {
    return this.#untold.length > 0;
  }

  watch(ring: () => void): () => void {
    this.#ring = ring;
    return () => (this.#ring = () => undefined);
  }

  hear(toolCallId: string, answer: ListenerAnswer): boolean {
    return this.#calls.get(toolCallId)?.hear(answer) ?? false;
  }

  close(): void {
    for (const offered of this.#calls.values()) offered.lose();
    this.#calls.clear();
    this.#gone.abort();
  }
}
