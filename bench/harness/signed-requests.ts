import { createHmac, createSecretKey } from "node:crypto";

const bodyBytes = 1_024;
const sequences = 20;

export type Signing = { secret: string; port: number; count: number; prefix: string };

/** Whole HTTP requests with a body of 1 KiB, each with an id of its own, signed now. `secret` is `whsec_…`. */
export function signedRequests({ secret, port, count, prefix }: Signing): Buffer[] {
  const key = createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
  const timestamp = Math.floor(Date.now() / 1_000);
  return Array.from({ length: count }, (_, index) => {
    const id = `evt_${prefix}_${index}`;
    const body = bodyOf(id, index);
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const head = [
      "POST /offhook HTTP/1.1",
      `host: 127.0.0.1:${port}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestamp}`,
      `webhook-signature: v1,${mac}`,
      "offhook-attempt: 1",
      "user-agent: Offhook/0.1.0",
    ];
    return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  });
}

function bodyOf(id: string, index: number): string {
  const bare = JSON.stringify(messageOf(id, index, "")).length;
  return JSON.stringify(messageOf(id, index, "x".repeat(Math.max(0, bodyBytes - bare))));
}

function messageOf(id: string, index: number, text: string) {
  return {
    message: {
      type: "conversation-update",
      id,
      sequence: (index % sequences) + 1,
      timestamp: 1_795_000_000_000 + index,
      call: { id: callIdOf(index), status: "ongoing" },
      assistant: { _id: "asst-1", name: "Reception" },
      phone: { number: "", provider: { name: "" } },
      customer: { number: "web-ada", name: "Ada" },
      analysis: {},
      messages: [{ messageId: "m1", role: "assistant", text, timestamp: "2026-11-23T10:00:00.000Z" }],
    },
  };
}

function callIdOf(index: number): string {
  return `TC-00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}
