import type { Happening } from "@offhook/protocol";

/** Bytes of a request's body, with which events are compared. */
export const bodyBytes = 1_024;

export const benchSecret = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;

/** Something that an application is told, with so many bytes to spare in it. */
export function paddedEvent(padding: number): Happening {
  return {
    type: "error",
    error: {
      type: "tool_error",
      code: "bench",
      message: "one event of a bench",
      provider: "bench",
      retryable: false,
      details: { padding: "x".repeat(Math.max(padding, 0)) },
    },
  };
}
