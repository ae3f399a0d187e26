import { sign, wireHeaders } from "@offhook/protocol";

export const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";
/** The moment at which tests happen: Monday 23 November 2026, 10:00 UTC. */
export const moment = Date.UTC(2026, 10, 23, 10);

export type Post = {
  id?: string;
  secret?: string;
  /** Epoch ms of the attempt. */
  at?: number;
  headers?: Record<string, string>;
  url?: string;
};

/** A signed POST of JSON, as the server sends it; `body` is sent as it is when it is text. */
export async function post(body: unknown, given: Post = {}): Promise<Request> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const id = given.id ?? "evt_1";
  const seconds = Math.floor((given.at ?? moment) / 1_000);
  return new Request(given.url ?? "https://clinic.example/offhook", {
    method: "POST",
    body: text,
    headers: {
      "content-type": "application/json",
      [wireHeaders.id]: id,
      [wireHeaders.timestamp]: String(seconds),
      [wireHeaders.signature]: await sign({
        secret: given.secret ?? secret,
        id,
        timestamp: seconds,
        body: text,
      }),
      ...given.headers,
    },
  });
}

/** A POST without a signature, as the vendor sends it. */
export function plainPost(body: unknown, headers: Record<string, string> = {}): Request {
  return new Request("https://clinic.example/offhook", {
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

export async function answerOf(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}
