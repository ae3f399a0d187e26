import { signed, type Signing } from "./kit.ts";

export { answerOf } from "./kit.ts";

export const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";
/** The moment at which tests happen: Monday 23 November 2026, 10:00 UTC. */
export const moment = Date.UTC(2026, 10, 23, 10);

const url = "https://clinic.example/offhook";

/** A signed POST of JSON, as the server sends it; `body` is sent as it is. */
export function post(body: unknown, given: Partial<Signing> = {}): Promise<Request> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return signed(text, { secret, id: "evt_1", at: moment, url, ...given });
}

/** A POST without a signature, as the vendor sends it. */
export function plainPost(body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
}

/** A tool request in the envelope format (contract 4.2). */
export function functionCall(name: string, parameters: unknown, id = "call_1") {
  const call = { id, name, parameters, arguments: JSON.stringify(parameters) };
  return { message: { type: "function-call", id, call: { id: "TC-1" }, functionCall: call } };
}
