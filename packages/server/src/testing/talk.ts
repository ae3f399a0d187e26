import type { CallId, JsonObject } from "@offhook/protocol";
import { connecting, type House } from "./house.ts";
import type { RecordingEgress } from "./receiver.ts";

/** A message as an application received it, with when and at which attempt. */
export type Told = {
  at: number;
  attempt: number;
  type: string;
  sequence: number | undefined;
  message: JsonObject;
};

/** Everything that was POSTed, tells and asks, in the order of sending. */
export function toldBy(egress: RecordingEgress): Told[] {
  return egress.requests.map(({ at, headers, body }) => {
    const { message } = JSON.parse(body) as { message: JsonObject };
    const sequence = message["sequence"];
    return {
      at,
      attempt: Number(headers["offhook-attempt"]),
      type: typeof message["type"] === "string" ? message["type"] : "",
      sequence: typeof sequence === "number" ? sequence : undefined,
      message,
    };
  });
}

/** A call in a house, as a test drives it. */
export type Talk = {
  callId: CallId;
  /** The user says something; time goes on until the turn has ended. */
  says(text: string): Promise<void>;
  /** The user says something, and time stands still. */
  begins(text: string): Promise<void>;
  leaves(): Promise<void>;
};

const serverUrl = "http://127.0.0.1:9/offhook";

/** Places a call and lets it begin. */
export async function placeCall(house: House, assistant: JsonObject = {}): Promise<Talk> {
  const { calls, teamId, clock } = house;
  const body = connecting({ name: "Clinic", assistantServer: { url: serverUrl }, ...assistant });
  const connected = await calls.connect({ teamId, body });
  if ("refused" in connected) throw new Error(connected.detail);
  const callId = connected.id as CallId;
  await clock.advance(10);
  const hear = async (text: string): Promise<{ ended: boolean }> => {
    const heard = await calls.hear({ teamId, callId, text });
    if ("refused" in heard) throw new Error(heard.detail);
    const turn = { ended: false };
    void heard.reply.then(() => (turn.ended = true));
    return turn;
  };
  return {
    callId,
    async says(text) {
      const turn = await hear(text);
      await clock.until(() => turn.ended);
    },
    async begins(text) {
      await hear(text);
      await clock.advance(0);
    },
    async leaves() {
      await calls.leave({ teamId, callId });
      await clock.advance(10);
    },
  };
}
