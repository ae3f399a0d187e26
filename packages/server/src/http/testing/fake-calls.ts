import {
  type Call,
  type CallId,
  callId as callIdSchema,
  type Happening,
  makeCallId,
  type Message,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { Assistants } from "../../assistants/assistants.ts";
import { resolve } from "../../assistants/resolve.ts";
import type { Bus } from "../../bus.ts";
import type { Calls, Heard, Reply } from "../../calls/calls.ts";
import { CallJournal } from "../../calls/journal.ts";
import { destinationOf, firstHappenings } from "../../calls/new-call.ts";
import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Store } from "../../store.ts";

export type FakeCallsParts = { store: Store; bus: Bus; clock: Clock; random: Random; assistants: Assistants };

export type Asked = { what: "connect" | "control" | "hear" | "leave"; given: unknown };

/** Calls that really are in the store and on the bus, and in which nothing happens by itself. */
export class FakeCalls implements Pick<Calls, "connect" | "control" | "hear" | "leave" | "look"> {
  /** What each side of every call does; nothing unless a test says so. */
  look: Calls["look"] = async () => undefined;
  /** Everything that was asked of them. */
  readonly asked: Asked[] = [];
  readonly #parts: FakeCallsParts;
  readonly #journals = new Map<CallId, CallJournal>();
  #next: Refusal | "break" | undefined;
  #settle: (reply: Reply) => void = () => undefined;

  constructor(parts: FakeCallsParts) {
    this.#parts = parts;
  }

  /** Refuses the next that is asked. */
  refuse(refusal: Refusal): void {
    this.#next = refusal;
  }

  /** Fails the next that is asked, as a bug would. */
  break(): void {
    this.#next = "break";
  }

  /** Lets the reply come that is waited for. */
  reply(reply: Reply): void {
    this.#settle(reply);
  }

  /** Lets something happen in a call. */
  async write(id: string, ...happenings: Happening[]): Promise<void> {
    const journal = this.#journals.get(callIdSchema.parse(id));
    if (journal === undefined) throw new Error(`no call ${id}`);
    await journal.append(happenings, this.#parts.clock.now());
  }

  async connect({ teamId, body }: Parameters<Calls["connect"]>[0]): Promise<Call | Refusal> {
    const refusal = this.#take("connect", body);
    if (refusal !== undefined) return refusal;
    const { assistants, clock, random, store, bus } = this.#parts;
    const { assistantId, assistant, assistantOverrides: overrides } = body;
    const now = clock.now();
    const who = await resolve(assistants, { teamId, assistantId, assistant, overrides, now });
    if ("refused" in who) return who;
    const callId = makeCallId(body.callType, random.uuid());
    const found = { who, number: undefined, chosen: undefined };
    const happenings = firstHappenings({ teamId, body, callId, found, now });
    const whose = { teamId, callId, destination: destinationOf(who), assistant: who.assistant };
    const parts = { store, bus, handOver: () => undefined };
    const journal = await CallJournal.begin(parts, { ...whose, happenings, at: now });
    this.#journals.set(callId, journal);
    await journal.append([{ type: "status-changed", status: "ongoing" }], now);
    return journal.reading.call;
  }

  async control(given: Parameters<Calls["control"]>[0]): Promise<Refusal | undefined> {
    const journal = this.#take("control", given) ?? this.#find(given);
    if ("refused" in journal) return journal;
    if (given.control.type === "end") await this.write(given.callId, finished);
    return undefined;
  }

  async hear(given: Parameters<Calls["hear"]>[0]): Promise<Heard | Refusal> {
    const journal = this.#take("hear", given) ?? this.#find(given);
    if ("refused" in journal) return journal;
    const { clock, random } = this.#parts;
    const message = {
      role: "user",
      text: given.text,
      timestamp: clock.now(),
      messageId: random.uuid(),
    } as const;
    await this.write(given.callId, spoken(message));
    return { after: journal.reading.seq - 1, reply: new Promise((settle) => (this.#settle = settle)) };
  }

  async leave(given: Parameters<Calls["leave"]>[0]): Promise<Refusal | undefined> {
    const journal = this.#take("leave", given) ?? this.#find(given);
    if ("refused" in journal) return journal;
    await this.write(given.callId, finished);
    return undefined;
  }

  #take(what: Asked["what"], given: unknown): Refusal | undefined {
    this.asked.push({ what, given });
    const next = this.#next;
    this.#next = undefined;
    if (next === "break") throw new Error("secret internals");
    return next;
  }

  #find({ teamId, callId }: { teamId: TeamId; callId: CallId }): CallJournal | Refusal {
    const journal = this.#journals.get(callId);
    if (journal?.teamId !== teamId) return { refused: "not-found", detail: `There is no call ${callId}.` };
    if (journal.reading.call.status !== "finished") return journal;
    return { refused: "call-finished", detail: "The call is finished." };
  }
}

/** The end of a call. */
export const finished: Happening = {
  type: "status-changed",
  status: "finished",
  endedReason: "user-hung-up",
  callEndTriggerBy: "user",
};

/** A message that is added. */
export function spoken(message: Message): Happening {
  return { type: "message-added", message, heard: "whole" };
}
