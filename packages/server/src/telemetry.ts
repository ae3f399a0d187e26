import type { AttemptOutcome } from "@offhook/protocol";
import type { StoredEntry } from "./store.ts";

/** One attempt at a Server URL, as it is counted. */
export type AttemptFigures = {
  outcome: AttemptOutcome;
  /** `late`: it was tried before, or is sent again. */
  kind: "first" | "late";
  elapsedMs: number;
  /** How old the event was when it was accepted; null when it was not, or was sent again. */
  ageMs: number | null;
};

/** What the server counts and times while it works. Never throws, never waits. */
export interface Telemetry {
  /** Something was written in a call's journal. */
  happened(entry: StoredEntry): void;
  attempted(figures: AttemptFigures): void;
  /** An event was given up. */
  gaveUp(state: "dead" | "superseded"): void;
  /** A request to the HTTP API was answered; `route` is the pattern, not the path. */
  answered(request: { method: string; route: string; status: number; elapsedMs: number }): void;
}

/** Counts nothing. */
export const noTelemetry: Telemetry = {
  happened() {},
  attempted() {},
  gaveUp() {},
  answered() {},
};

/** What can be read at any moment. */
export type Gauges = {
  /** Calls that live on this server. */
  liveCalls(): number;
  /** Attempts under way. */
  attemptsUnderWay(): number;
};
