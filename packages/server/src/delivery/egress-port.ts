import type { AttemptPhases, ServerTls } from "@offhook/protocol";
import type { EgressFailure } from "./egress-failure.ts";

/** One request to an address that somebody else chose. */
export type EgressRequest = {
  url: string;
  method: "POST" | "GET" | "PUT" | "PATCH" | "DELETE";
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** For the whole exchange, from the look-up to the last byte of the answer. */
  timeoutMs: number;
  answerBytesMax: number;
  /** What is done with an answer over the limit: cut it, or refuse it as `too-large`. */
  overLimit: "cut" | "refuse";
  /** Whether it may go out twice, though the first time may have been seen: when the connection was closed as it was used. */
  repeatable: boolean;
  /** Whom to trust and who we are, instead of the system's authorities and nobody; https only. */
  tls?: ServerTls | undefined;
  signal?: AbortSignal;
};

/** In ms: the whole, and its parts. */
export type Times = { elapsedMs: number; phases: AttemptPhases };

/** Nothing was looked up, opened or answered. */
export const noPhases: AttemptPhases = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null };

/** What came of a request. Header names are in lower case. */
export type EgressAnswer =
  | (Times & {
      kind: "answered";
      status: number;
      headers: Record<string, string>;
      body: Uint8Array;
      /** Whether the body was cut. */
      truncated: boolean;
    })
  | (Times & EgressFailure);

/** The one way out to addresses that others chose. */
export interface Egress {
  /** Sends a request where the guard allows. Never throws, never follows a redirect, never waits longer than its time. */
  send(request: EgressRequest): Promise<EgressAnswer>;
  /** The same guard for clients that bring their own requests. */
  fetch: typeof fetch;
  /** Gives up what is under way. */
  close(): Promise<void>;
}
