import type { Happening } from "@offhook/protocol";
import type { Taken, Talk } from "./talk.ts";

/** A step with what SPEC.md says was true when it came, read from the events, entries and effects alone. */
export type Line = Taken & {
  /** The reply that the model was asked for and still gives. */
  underWay: string | undefined;
  /** Whether that reply was offered tools. */
  offered: boolean;
  /** Whether the event is the first content of that reply. */
  firstContent: boolean;
  /** The turn that is open. */
  turn: OpenTurn | undefined;
  /** The tool calls that were sent and have no answer yet, by id. */
  waitedFor: ReadonlyMap<string, string>;
};

export type OpenTurn = { id: string; quietSince: number; hung: boolean; recovered: boolean };

/** Reads a whole talk as the SPEC would have it read. */
export function ledger(call: Talk): Line[] {
  const reader = new Reader();
  return call.steps.map((taken) => reader.read(taken));
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
    const line = {
      ...taken,
      underWay: this.#underWay,
      offered: this.#offered,
      firstContent,
      turn: this.#turn,
      waitedFor: new Map(this.#waitedFor),
    };
    this.#noteEvent(taken, firstContent);
    for (const entry of taken.entries) this.#noteEntry(entry, taken.now);
    this.#noteEffects(taken);
    return line;
  }

  #isFirstContent({ event }: Taken): boolean {
    if (this.#hasContent || !("replyId" in event) || event.replyId !== this.#underWay) return false;
    if (event.type === "model-text") return event.text.trim() !== "";
    if (event.type === "model-finished") return event.toolCalls.length > 0;
    return event.type === "model-tool-call-begun";
  }

  #isMoreContent(event: Taken["event"]): boolean {
    if (!("replyId" in event) || event.replyId !== this.#underWay) return false;
    if (event.type === "model-finished") return event.toolCalls.length > 0;
    if (event.type !== "model-text") return false;
    this.#hasText ||= event.text.trim() !== "";
    return this.#hasText;
  }

  #noteEvent({ event, now }: Taken, firstContent: boolean): void {
    const isMore = this.#isMoreContent(event);
    if (firstContent) this.#hasContent = true;
    if (firstContent && this.#turn !== undefined) this.#turn = { ...this.#turn, recovered: this.#turn.hung };
    if ((firstContent || isMore) && this.#turn !== undefined) this.#turn = { ...this.#turn, quietSince: now };
    const isLast = event.type === "model-finished" || event.type === "model-failed";
    if (isLast && event.replyId === this.#underWay) this.#underWay = undefined;
  }

  #noteEntry(entry: Happening, now: number): void {
    if (entry.type === "turn-started") {
      this.#turn = { id: entry.turnId, quietSince: now, hung: false, recovered: false };
    }
    if (entry.type === "turn-ended") this.#turn = undefined;
    if (entry.type === "hang" && this.#turn !== undefined) this.#turn = { ...this.#turn, hung: true };
    if (entry.type === "tool-answered") this.#waitedFor.delete(entry.toolCallId);
  }

  #noteEffects({ effects }: Taken): void {
    for (const effect of effects) {
      if (effect.type === "stop-model" && effect.replyId === this.#underWay) this.#underWay = undefined;
      if (effect.type === "ask-tool") this.#waitedFor.set(effect.toolCallId, effect.tool.name);
      if (effect.type !== "ask-model") continue;
      this.#underWay = effect.replyId;
      this.#offered = effect.request.tools !== "none";
      this.#hasContent = false;
      this.#hasText = false;
    }
  }
}
