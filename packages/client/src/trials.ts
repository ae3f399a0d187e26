import { attempt, type Attempt, type AuthMode, type Format, type TellType } from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type Connection, request } from "./request.ts";

/** A sample event, and where it goes. */
export type SampleInput = {
  url: string;
  type?: TellType;
  format?: Format;
  secret?: string;
  headers?: Record<string, string>;
  auth?: AuthMode;
  timeoutSeconds?: number;
};

/** Trying Server URLs out. */
export type Trials = {
  /**
   * Has the server send one event of an invented call, once; answers what came
   * of it, whatever that is. Refused with `forbidden-address` and `invalid`.
   */
  send(sample: SampleInput): Promise<Answer<Attempt>>;
};

export function openTrials(connection: Connection): Trials {
  return {
    send: (body) => request(connection, { method: "POST", path: "/events/v1/test", body }, attempt),
  };
}
