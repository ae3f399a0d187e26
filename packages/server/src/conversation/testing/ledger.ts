import type { Happening } from "@offhook/protocol";
import type { Taken, Talk } from "./talk.ts";

/** A step with what SPEC.md says was true when it came, read from the events, entries and effects alone. */
export type Line = Taken & {
  /** The reply that the model was asked for and still gives, or gave while the user had the floor. */
  underWay: string | undefined;
  /** Whether that reply was offered tools. */
  offered: boolean;
  /** Whether the event is the first content of that reply. */
  firstContent: boolean;
  /** Whether the event tells that the user heard more of a reply than before. */
  moreHeard: boolean;
  /** The turn that is open. */
  turn: OpenTurn | undefined;
  /** The tool calls that were sent and have no answer yet, by id. */
  waitedFor: ReadonlyMap<string, string>;
};

/** `hung` is the phase of the turn's hang, once it was raised. */
export type OpenTurn = { id: string; quietSince: number; hung: Hung | undefined; recovered: boolean };
type Hung = { phase: string; quietSince: number };

/** Reads a whole talk as the SPEC would have it read. */
export function ledger(call: Talk): Line[] {
  const reader = new Reader();
  return call.steps.map((taken) => reader.read(taken));
}

/** Whether more of a reply was heard; a message that is off the ledger counts as heard. */
function heardBy({ before, after }: Taken): boolean {
  return before.core.playback.queue.some(({ messageId, origin, heard }) => {
    const now = after.core.playback.queue.find((one) => one.messageId === messageId);
    return (origin === "reply" || origin === "welcome") && (now === undefined || now.heard > heard);
  });
}

class Reader {
  #underWay: string | undefined;
  #offered = false;
  #hasContent = false;
  #turn: OpenTurn | undefined;
  #hasText = false;
  readonly #waitedFor = new Map<string, string>();

  read(taken: Taken): Line {
    const firstContent = this.#isFirstContent(taken);
    const { event } = taken;
    const moreHeard = (event.type === "playing" || event.type === "played") && heardBy(taken);
    const line = {
      ...taken,
      underWay: this.#underWay,
      offered: this.#offered,
      firstContent,
      moreHeard,
      turn: this.#turn,
      waitedFor: new Map(this.#waitedFor),
    };
    this.#noteEvent(taken, { firstContent, moreHeard });
    for (const entry of taken.entries) this.#noteEntry(entry, taken.now);
    this.#noteEffects(taken);
    const fellSilent =
      taken.before.core.user.kind === "speaking" && taken.after.core.user.kind !== "speaking";
    if (fellSilent || event.type === "heard") this.#restart(taken.now);
    return line;
  }

  #isFirstContent({ event, before }: Taken): boolean {
    if (this.#hasContent || !("replyId" in event) || event.replyId !== this.#underWay) return false;
    if (before.name === "held") return false;
    if (event.type === "model-text") return event.text.trim() !== "";
    if (event.type === "model-finished") return event.toolCalls.length > 0;
    return event.type === "model-tool-call-begun";
  }

  #isMoreContent({ event, before }: Taken): boolean {
    if (!("replyId" in event) || event.replyId !== this.#underWay || before.name === "held") return false;
    if (event.type === "model-finished") return event.toolCalls.length > 0;
    if (event.type !== "model-text") return false;
    this.#hasText ||= event.text.trim() !== "";
    return this.#hasText;
  }

  #noteEvent(taken: Taken, is: { firstContent: boolean; moreHeard: boolean }): void {
    const { event, now } = taken;
    const isMore = this.#isMoreContent(taken);
    if (is.firstContent) this.#hasContent = true;
    if (is.firstContent || isMore || is.moreHeard) this.#restart(now);
    const isLast = event.type === "model-finished" || event.type === "model-failed";
    if (isLast && event.replyId === this.#underWay && taken.after.name !== "held") this.#underWay = undefined;
  }

  #restart(now: number): void {
    if (this.#turn !== undefined) this.#turn = { ...this.#turn, quietSince: now };
  }

  #noteEntry(entry: Happening, now: number): void {
    if (entry.type === "turn-started") {
      this.#turn = { id: entry.turnId, quietSince: now, hung: undefined, recovered: false };
    }
    if (entry.type === "turn-ended") this.#turn = undefined;
    if (entry.type === "tool-answered") this.#waitedFor.delete(entry.toolCallId);
    if (this.#turn === undefined) return;
    const { quietSince } = this.#turn;
    if (entry.type === "hang") this.#turn = { ...this.#turn, hung: { phase: entry.hang.phase, quietSince } };
    if (entry.type === "hang-recovered") this.#turn = { ...this.#turn, recovered: true };
    // The tools of a reply that was held are asked when it is kept.
    if (entry.type === "tool-requested") this.#restart(now);
  }

  #noteEffects({ effects, entries }: Taken): void {
    const isOver = entries.some(
      (entry) => entry.type === "model-answered" && entry.replyId === this.#underWay,
    );
    if (isOver) this.#underWay = undefined;
    for (const effect of effects) {
      if (effect.type === "ask-tool") this.#waitedFor.set(effect.toolCallId, effect.tool.name);
      if (effect.type !== "ask-model") continue;
      this.#underWay = effect.replyId;
      this.#offered = effect.request.tools !== "none";
      this.#hasContent = false;
      this.#hasText = false;
    }
  }
}
