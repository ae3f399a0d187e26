import {
  type Call,
  type CallId,
  callId,
  type CallView,
  readEntries,
  type Reading,
  type Refusal,
} from "@offhook/protocol";
import type { Store } from "../store.ts";
import type { HttpParts } from "./parts.ts";

/** Entries read at a time. */
const pageMax = 500;

/** A call's journal, read to its end; `undefined` when there is none. */
export async function readCall(
  store: Pick<Store, "entriesOfCall">,
  id: CallId,
): Promise<Reading | undefined> {
  let reading: Reading | undefined;
  for (;;) {
    const entries = await store.entriesOfCall({ callId: id, after: reading?.seq ?? 0, limit: pageMax });
    reading = readEntries(reading, entries);
    if (entries.length < pageMax) return reading;
  }
}

/** The id of a call in a path; what is none is a call that does not exist. */
export function callIdOf(text: string): CallId | Refusal {
  const read = callId.safeParse(text);
  return read.success ? read.data : unknownCall(text);
}

export function unknownCall(id: string): Refusal {
  const detail = `There is no call ${id.slice(0, 64)}: GET /calls/v1/conversations lists those there are.`;
  return { refused: "not-found", detail };
}

type ViewParts = Pick<HttpParts, "liveToken" | "publicUrl">;

/** A call in an answer, with where it is steered and watched. */
export function callView(call: Call, { liveToken, publicUrl }: ViewParts): CallView {
  const id = callId.parse(call.id);
  const path = `/calls/v1/conversations/${id}`;
  const base = publicUrl();
  const liveUrl = `${base.replace(/^http/u, "ws")}${path}/live?token=${liveToken(id)}`;
  return { ...call, monitor: { controlUrl: `${base}${path}/control`, liveUrl } };
}
