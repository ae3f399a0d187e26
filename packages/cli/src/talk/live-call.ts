import type { Client, ConnectInput, LiveSession } from "@offhook/client";
import type { CallStatus, CallView, LiveUpdate, RefusalCode, WireMessage } from "@offhook/protocol";
import { sleep, systemNow, within } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { againEveryMs, outageMaxMs } from "./outage.ts";
import type { Transcript } from "./transcript.ts";
import { Unheard } from "./unheard.ts";

/** A call that we placed and watch. It goes on when its connection is lost, as long as a server can be reached. */
export type LiveCall = {
  id: string;
  /** Says something as the user; what a connection took with it is said over the next one. */
  say(text: string): void;
  /** Hangs up. Answers whether it was sent. */
  end(): boolean;
  /** Settles when the call is over and all of it was shown, or when the connection to it is lost for good. */
  over: Promise<"ended" | "lost">;
};

/** Places a call and shows it on a transcript as it goes. */
export async function placeCall(
  client: Client,
  body: ConnectInput,
  transcript: Transcript,
): Promise<LiveCall | Failure> {
  const placed = await client.calls.connect(body);
  if (!placed.ok) return failureOf(placed.problem);
  const session = await client.calls.live(placed.value);
  if (!session.ok) return failureOf(session.problem);
  return new LastingCall({ client, call: placed.value, transcript, session: session.value });
}

/** Refusals that are over in a moment. */
const passing: ReadonlySet<string> = new Set<RefusalCode>([
  "outcome-unknown",
  "stopping",
  "store-unavailable",
  "taking-over",
]);

/** How long a call that we hang up may take to say so. */
const goodbyeMaxMs = 10_000;

/** Hangs up, unless the call is over, and waits until all of it was shown. */
export async function hangUp(client: Client, call: LiveCall): Promise<void> {
  const shown = call.end() ? await within(goodbyeMaxMs, call.over) : "lost";
  if (shown !== "ended") await client.calls.control(call.id, { type: "end" });
}

type Watched = { client: Client; call: CallView; transcript: Transcript; session: LiveSession };

class LastingCall implements LiveCall {
  readonly id: string;
  readonly over: LiveCall["over"];
  readonly #client: Client;
  readonly #call: CallView;
  readonly #transcript: Transcript;
  readonly #unheard = new Unheard();
  #session: LiveSession;
  #status: CallStatus | undefined;
  #isLeft = false;
  #isSayingLater = false;
  /** Since when what is said is refused for now. */
  #refusedAt: number | undefined;

  constructor({ client, call, transcript, session }: Watched) {
    this.id = call.id;
    this.#client = client;
    this.#call = call;
    this.#transcript = transcript;
    this.#session = session;
    this.over = this.#watch();
  }

  say(text: string): void {
    this.#unheard.add(text);
    this.#session.say(text);
  }

  end(): boolean {
    this.#isLeft = true;
    return this.#session.end();
  }

  async #watch(): Promise<"ended" | "lost"> {
    for (;;) {
      const lost = await this.#show();
      if (lost === undefined) return "ended";
      if (!this.#isLeft) this.#transcript.lose();
      const session = await this.#openAgain();
      if (session === undefined) {
        this.#transcript.take(lost);
        return "lost";
      }
      this.#session = session;
    }
  }

  /** Shows a session until its end; answers how the connection was lost, if it was. */
  async #show(): Promise<LiveUpdate | undefined> {
    for await (const update of this.#session) {
      if (update.type === "error" && update.code === "connection-lost") return update;
      if (update.type === "message") this.#hear(update.message);
      if (update.type === "error" && passing.has(update.code) && this.#isPatient()) {
        void this.#sayLater(this.#session);
        continue;
      }
      if (update.type !== "status" || this.#isNews(update.status)) this.#transcript.take(update);
    }
    return undefined;
  }

  /** A session begins with the status, also one that was opened again. */
  #isNews(status: CallStatus): boolean {
    const isNews = status !== this.#status;
    this.#status = status;
    return isNews;
  }

  #hear(message: WireMessage): void {
    this.#unheard.hear(message);
    this.#refusedAt = undefined;
  }

  /** Whether what is refused for now is still worth saying again. */
  #isPatient(): boolean {
    this.#refusedAt ??= systemNow();
    return this.#unheard.texts.length > 0 && systemNow() < this.#refusedAt + outageMaxMs;
  }

  /** The call is between two servers, and the connection is to a third: what was said is said again in a moment. */
  async #sayLater(session: LiveSession): Promise<void> {
    if (this.#isSayingLater) return;
    this.#isSayingLater = true;
    do await sleep(2 * againEveryMs);
    while (!this.#isLeft && this.#isPatient() && !(await this.#sayAgain(session)));
    this.#isSayingLater = false;
  }

  async #openAgain(): Promise<LiveSession | undefined> {
    const endsAt = systemNow() + outageMaxMs;
    while (!this.#isLeft && systemNow() < endsAt) {
      await sleep(againEveryMs);
      const session = await this.#client.calls.live(this.#call);
      if (!session.ok) continue;
      if (await this.#sayAgain(session.value)) return session.value;
      session.value.close();
    }
    return undefined;
  }

  /** Says what nobody has heard; answers whether it is known what that is. */
  async #sayAgain(session: LiveSession): Promise<boolean> {
    const call = await this.#client.calls.get(this.id);
    if (!call.ok) return false;
    for (const message of call.value.messages) this.#unheard.hear(message);
    for (const text of this.#unheard.texts) session.say(text);
    return true;
  }
}
