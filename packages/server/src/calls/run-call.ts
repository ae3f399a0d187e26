import type { AssistantBody, CallId, Control, LiveState, Refusal, TeamId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { Channel, OpenChannel } from "../channel.ts";
import type { Cancel } from "../clock.ts";
import { liveState } from "../conversation/axes.ts";
import { refuseControl } from "../conversation/control.ts";
import type { Effect } from "../conversation/effect.ts";
import type { Event } from "../conversation/event.ts";
import type { State } from "../conversation/state.ts";
import { step } from "../conversation/step.ts";
import type { Log } from "../log.ts";
import type { Model } from "../model.ts";
import { Inbox } from "./inbox.ts";
import type { CallJournal } from "./journal.ts";
import { askModel } from "./model-task.ts";
import { performTool, type ToolParts } from "./tool-task.ts";

export type RunParts = ToolParts & { model: Model; log: Log; bus: Bus };

export type CallToRun = {
  journal: CallJournal;
  state: State;
  /** What is to be done first. */
  effects: readonly Effect[];
  assistant: AssistantBody;
  openChannel: OpenChannel;
};

/** How a shell has ended: with its call, or before it. */
export type ShellEnd = { kind: "finished" } | { kind: "left" } | { kind: "broken"; error: unknown };

/** A call that runs. `finished` settles when the call is finished or its shell has ended before, `over` when nothing of it is under way any more. */
export type RunningCall = {
  readonly teamId: TeamId;
  readonly callId: CallId;
  /** Puts an event before the call; settles when what came of it is on disk. */
  tell(event: Event): Promise<void>;
  control(control: Control): Promise<Refusal | undefined>;
  hear(text: string): Promise<Refusal | undefined>;
  /** What each side does now; nothing once the call has ended. */
  look(): LiveState | undefined;
  /** Leaves the call as it is on disk, between two steps. Answers whether there was a call left. */
  leave(): Promise<boolean>;
  /** Does nothing more at once, whatever is under way. */
  drop(): void;
  /** The last entry of its journal. */
  readonly written: number;
  readonly finished: Promise<ShellEnd>;
  readonly over: Promise<void>;
};

/** So many events may wait before a model's stream is held back. */
const inboxRoomMax = 256;
/** So many orders of clients may wait to be taken. */
const ordersMax = 200;

/** Runs a call: the one shell around `step`. It writes, then performs, then waits for the next event. */
export function runCall(parts: RunParts, call: CallToRun): RunningCall {
  return new Shell(parts, call);
}

type Order = {
  take: (state: State) => Event | Refusal;
  done: (refusal?: Refusal) => void;
  fail: (error: unknown) => void;
};

type Item = Event | { type: "order"; order: Order } | { type: "leave" };

class Shell implements RunningCall {
  readonly teamId: TeamId;
  readonly callId: CallId;
  readonly finished: Promise<ShellEnd>;
  readonly over: Promise<void>;
  readonly #parts: RunParts;
  readonly #call: CallToRun;
  readonly #channel: Channel;
  readonly #inbox = new Inbox<Item>(inboxRoomMax);
  readonly #replies = new Map<string, AbortController>();
  #orders = 0;
  #toolsUnderWay = 0;
  #state: State;
  #timer: { at: number; cancel: Cancel } | undefined;
  #shown: LiveState | undefined;
  /** Once aborted, nothing more is written or done. */
  readonly #dropped = new AbortController();
  #tellFinished: (end: ShellEnd) => void = () => undefined;

  constructor(parts: RunParts, call: CallToRun) {
    this.#parts = parts;
    this.#call = call;
    this.#state = call.state;
    this.teamId = call.journal.teamId;
    this.callId = call.journal.callId;
    this.finished = new Promise((resolve) => (this.#tellFinished = resolve));
    this.#channel = call.openChannel.open((news) => this.#inbox.push(news));
    for (const effect of call.effects) this.#perform(effect);
    this.#arm(this.look());
    this.over = this.#run();
  }

  async tell(event: Event): Promise<void> {
    await this.#order(() => event);
  }

  control(control: Control): Promise<Refusal | undefined> {
    return this.#order((state) => refuseControl(state, control) ?? { type: "controlled", control });
  }

  hear(text: string): Promise<Refusal | undefined> {
    return this.#order((state) => (state.name === "ended" ? finishedAlready : { type: "heard", text }));
  }

  look(): LiveState | undefined {
    return liveState(this.#state);
  }

  get written(): number {
    return this.#call.journal.reading.seq;
  }

  #order(take: Order["take"]): Promise<Refusal | undefined> {
    if (this.#orders >= ordersMax) return Promise.resolve(tooManyOrders);
    this.#orders += 1;
    const answered = new Promise<Refusal | undefined>((done, fail) => {
      this.#inbox.push({ type: "order", order: { take, done, fail } });
    });
    return answered.finally(() => (this.#orders -= 1));
  }

  async leave(): Promise<boolean> {
    this.#inbox.push({ type: "leave" });
    return (await this.finished).kind === "left";
  }

  drop(): void {
    this.#dropped.abort();
    this.#stopTasks();
    this.#inbox.push({ type: "leave" });
  }

  async #run(): Promise<void> {
    let end: ShellEnd = { kind: "finished" };
    try {
      while (end.kind === "finished" && !this.#isOver()) {
        const item = await this.#inbox.next();
        if (this.#dropped.signal.aborted) end = this.#leaveUndone(item);
        else if (item.type !== "leave") await this.#take(item);
        else if (this.#state.name !== "ended") end = { kind: "left" };
      }
    } catch (error) {
      end = this.#dropped.signal.aborted ? { kind: "left" } : { kind: "broken", error };
    } finally {
      this.#stopTasks();
      this.#tellFinished(end);
      void this.#refuseRest(end.kind === "finished" ? finishedAlready : leftOpen);
    }
  }

  /** Whoever has the call now does what is done; who asked this one may ask again. */
  #leaveUndone(item: Item): ShellEnd {
    if (item.type === "order") item.order.done(leftOpen);
    return { kind: "left" };
  }

  #stopTasks(): void {
    this.#timer?.cancel();
    for (const reply of this.#replies.values()) reply.abort();
    this.#channel.close();
  }

  #isOver(): boolean {
    return this.#state.name === "ended" && this.#toolsUnderWay === 0;
  }

  async #take(item: Exclude<Item, { type: "leave" }>): Promise<void> {
    if (item.type !== "order") return this.#step(item);
    const { order } = item;
    const event = order.take(this.#state);
    if ("refused" in event) return order.done(event);
    try {
      await this.#step(event);
      order.done();
    } catch (error) {
      order.fail(error);
      throw error;
    }
  }

  async #step(event: Event): Promise<void> {
    if (event.type === "tool-answered") this.#toolsUnderWay -= 1;
    const at = this.#parts.clock.now();
    const done = step(this.#state, event, at);
    const written = done.entries.length > 0 ? this.#call.journal.append(done.entries, at) : undefined;
    // While the disk is waited for, the model thinks; what it says waits in the inbox for the end of this step.
    for (const effect of done.effects) if (isOfModel(effect)) this.#perform(effect);
    if (written !== undefined) await written;
    // It is on disk, and whoever asked for it has it; what follows from it is another's.
    if (this.#dropped.signal.aborted) return;
    this.#state = done.state;
    for (const effect of done.effects) if (!isOfModel(effect)) this.#perform(effect);
    const now = this.look();
    this.#arm(now);
    this.#show(now);
    if (this.#state.name === "ended") this.#tellFinished({ kind: "finished" });
  }

  /** Tells those who watch what each side does, when it changes. It is a reading: the journal has no need of it. */
  #show(now: LiveState | undefined): void {
    const before = this.#shown;
    const isSame =
      now?.assistant === before?.assistant &&
      now?.user === before?.user &&
      now?.waitsFor.kind === before?.waitsFor.kind;
    if (isSame || now === undefined) return;
    this.#shown = now;
    const { teamId, callId } = this;
    this.#parts.bus.publish({ kind: "live", teamId, callId, update: now });
  }

  /** One timer, for the one deadline that the state has next; a model's pieces seldom change it. */
  #arm(now: LiveState | undefined): void {
    const at = now?.waitsFor.at;
    if (at !== undefined && at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = at === undefined ? undefined : { at, cancel: this.#wakeAt(at) };
  }

  #wakeAt(at: number): Cancel {
    const { clock } = this.#parts;
    return clock.after(at - clock.now(), () => {
      this.#timer = undefined;
      this.#inbox.push({ type: "deadline-passed" });
    });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "ask-model":
        return this.#askModel(effect);
      case "stop-model":
        return this.#replies.get(effect.replyId)?.abort();
      case "ask-tool":
        return void this.#askTool(effect);
      case "say":
        return this.#channel.say(effect);
      case "hush":
        return this.#channel.hush(effect.messageId);
      case "pause":
        return this.#channel.pause();
      case "resume":
        return this.#channel.resume();
      case "close-channel":
        return this.#channel.close();
    }
  }

  #askModel({ replyId, request }: Extract<Effect, { type: "ask-model" }>): void {
    const controller = new AbortController();
    this.#replies.set(replyId, controller);
    const asked = askModel(this.#parts.model, { replyId, request, signal: controller.signal }, this.#inbox);
    void asked.finally(() => this.#replies.delete(replyId));
  }

  async #askTool(effect: Extract<Effect, { type: "ask-tool" }>): Promise<void> {
    this.#toolsUnderWay += 1;
    const { journal, assistant } = this.#call;
    const { toolCallId, tool } = effect;
    const { outcome, exchange } = await performTool(this.#parts, effect, {
      callId: this.callId,
      reading: journal.reading,
      assistant,
    });
    const fields = { callId: this.callId, toolCallId, tool: tool.name, status: exchange?.status ?? null };
    if (outcome.kind === "result")
      this.#parts.log.info("tool answered", { ...fields, understoodAs: outcome.understoodAs });
    else this.#parts.log.warn("tool failed", { ...fields, code: outcome.code, detail: outcome.error });
    const http = exchange && { status: exchange.status, attempts: exchange.attempts };
    this.#inbox.push({ type: "tool-answered", toolCallId, outcome, ...(http && { http }) });
  }

  /** Whoever still waits for a call that is over, or not here any more, is told so. */
  async #refuseRest(refusal: Refusal): Promise<void> {
    for (;;) {
      const item = await this.#inbox.next();
      if (item.type === "order") item.order.done(refusal);
    }
  }
}

/** Effects that nobody outside sees or feels, and that may be done in vain. */
function isOfModel({ type }: Effect): boolean {
  return type === "ask-model" || type === "stop-model";
}

const finishedAlready: Refusal = { refused: "call-finished", detail: "The call is finished: start another." };
/** The call goes on, in a moment and perhaps elsewhere. */
export const leftOpen: Refusal = {
  refused: "stopping",
  detail: "The call is being taken up by a server: try again in a moment.",
};
const tooManyOrders: Refusal = {
  refused: "agenda-full",
  detail: `More than ${ordersMax} requests wait for this call; slow down and try again.`,
};
