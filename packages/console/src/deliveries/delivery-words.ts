import type { AttemptOutcome, DeliveryState } from "@offhook/protocol";
import type { Tone } from "../ui/tone.ts";

export const stateTones: Record<DeliveryState, Tone> = {
  pending: "note",
  retrying: "warn",
  delivered: "good",
  superseded: "plain",
  dead: "bad",
};

/** What each state means, for who meets it for the first time. */
export const stateMeanings: Record<DeliveryState, string> = {
  pending: "Waits for its first attempt, or for the events of its call that are ahead of it.",
  retrying: "Was tried and not accepted; it is tried again for about 76 hours.",
  delivered: "Answered with a 2xx in time.",
  superseded: "Failed, and a newer conversation-update of its call holds all that it held.",
  dead: "Given up, with a reason. It is kept and can be sent again.",
};

export const outcomeTones: Record<AttemptOutcome, Tone> = {
  accepted: "good",
  refused: "bad",
  busy: "warn",
  gone: "bad",
  "timed-out": "bad",
  unreachable: "bad",
  forbidden: "bad",
};
