import type { Client, ConnectInput, LiveSession } from "@offhook/client";
import { within } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import type { Transcript } from "./transcript.ts";

/** A call that we placed and watch. */
export type LiveCall = {
  id: string;
  session: LiveSession;
  /** Settles when the call is over, or the connection to it. */
  over: Promise<void>;
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
  return { id: placed.value.id, session: session.value, over: show(session.value, transcript) };
}

/** How long a call that we hang up may take to say so. */
const goodbyeMaxMs = 10_000;

/** Hangs up, unless the call is over, and waits until all of it was shown. */
export async function hangUp(client: Client, { id, session, over }: LiveCall): Promise<void> {
  if (!session.end()) await client.calls.control(id, { type: "end" });
  await within(goodbyeMaxMs, over);
}

async function show(session: LiveSession, transcript: Transcript): Promise<void> {
  for await (const update of session) transcript.take(update);
}
