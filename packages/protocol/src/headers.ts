/** Headers of every POST to a Server URL (contract 3 and 4.2); all in lower case. */
export const wireHeaders = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
  attempt: "offhook-attempt",
  callId: "offhook-call-id",
  toolCallId: "offhook-tool-call-id",
  toolName: "offhook-tool-name",
  sharedSecret: "x-interactly-secret",
} as const;
