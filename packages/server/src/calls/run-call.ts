import type { AssistantBody, CallId, Control, LiveState, Refusal, TeamId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { Channel, OpenChannel } from "../channel.ts";
import type { Cancel } from "../clock.ts";
import { liveState } from "../conversation/axes.ts";
import { refuseControl } from "../conversation/control.ts";
import { nextDeadline } from "../conversation/deadline.ts";
import type { Effect } from "../conversation/effect.ts";
import type { Event } from "../conversation/event.ts";
import type { State } from "../conversation/state.ts";
import { step, type Step } from "../conversation/step.ts";
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
  assistant: AssistantBody;
  openChannel: OpenChannel;
};

/** A call that runs. `finished` settles when the call is finished, `over` when nothing of it is under way any more. */
export type RunningCall = {
  readonly teamId: TeamId;
  readonly callId: CallId;
  /** Puts an event before the call; settles when what came of it is on disk. */
  tell(event: Event): Promise<void>;
  control(control: Control): Promise<Refusal | undefined>;
  hear(text: string): Promise<Refusal | undefined>;
  /** What each side does now; nothing once the call has ended. */
  look(): LiveState | undefined;
  /** The last entry of its journal. */
  readonly written: number;
  readonly finished: Promise<void>;
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

class Shell implements RunningCall {
  readonly teamId: TeamId;
  readonly callId: CallId;
  readonly finished: Promise<void>;
  readonly over: Promise<void>;
  readonly #parts: RunParts;
  readonly #call: CallToRun;
  readonly #channel: Channel;
  readonly #inbox = new Inbox<Event | { type: "order"; order: Order }>(inboxRoomMax);
  readonly #replies = new Map<string, AbortController>();
  #orders = 0;
  #toolsUnderWay = 0;
  #state: State;
  #timer: Cancel | undefined;
  #shown: LiveState | undefined;
  #tellFinished: () => void = () => undefined;

  constructor(parts: RunParts, call: CallToRun) {
    this.#parts = parts;
    this.#call = call;
    this.#state = call.state;
    this.teamId = call.journal.teamId;
    this.callId = call.journal.callId;
    this.finished = new Promise((resolve) => (this.#tellFinished = resolve));
    this.#channel = call.openChannel.open((news) => this.#inbox.push(news));
    this.#arm();
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

  async #run(): Promise<void> {
    try {
      while (!this.#isOver()) await this.#take(await this.#inbox.next());
    } catch (error) {
      this.#parts.log.error("a call stopped inside the server; it is finished at the next start", {
        callId: this.callId,
        error,
      });
    } finally {
      this.#timer?.();
      for (const reply of this.#replies.values()) reply.abort();
      this.#channel.close();
      this.#tellFinished();
      void this.#refuseRest();
    }
  }

  #isOver(): boolean {
    return this.#state.name === "ended" && this.#toolsUnderWay === 0;
  }

  async #take(item: Event | { type: "order"; order: Order }): Promise<void> {
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
    const now = this.#parts.clock.now();
    const done = step(this.#state, event, now);
    await this.#write(done, now);
    this.#state = done.state;
    for (const effect of done.effects) this.#perform(effect);
    this.#arm();
    this.#show();
    if (this.#state.name === "ended") this.#tellFinished();
  }

  /** Tells those who watch what each side does, when it changes. It is a reading: the journal has no need of it. */
  #show(): void {
    const [before, now] = [this.#shown, this.look()];
    const isSame =
      now?.assistant === before?.assistant &&
      now?.user === before?.user &&
      now?.waitsFor.kind === before?.waitsFor.kind;
    if (isSame || now === undefined) return;
    this.#shown = now;
    const { teamId, callId } = this;
    this.#parts.bus.publish({ kind: "live", teamId, callId, update: now });
  }

  async #write({ entries }: Step, now: number): Promise<void> {
    if (entries.length > 0) await this.#call.journal.append(entries, now);
  }

  /** One timer, for the one deadline that the state has next. */
  #arm(): void {
    this.#timer?.();
    const { clock } = this.#parts;
    const deadline = nextDeadline(this.#state);
    this.#timer =
      deadline && clock.after(deadline.at - clock.now(), () => this.#inbox.push({ type: "deadline-passed" }));
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

  /** Whoever still waits for a call that is over is told so. */
  async #refuseRest(): Promise<void> {
    for (;;) {
      const item = await this.#inbox.next();
      if (item.type === "order") item.order.done(finishedAlready);
    }
  }
}

const finishedAlready: Refusal = { refused: "call-finished", detail: "The call is finished: start another." };
const tooManyOrders: Refusal = {
  refused: "agenda-full",
  detail: `More than ${ordersMax} requests wait for this call; slow down and try again.`,
};
