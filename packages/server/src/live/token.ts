import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { CallId } from "@offhook/protocol";

/** Tokens that open one call's live socket, and nothing else. */
export type LiveTokens = {
  make(callId: CallId): string;
  fits(callId: CallId, token: string): boolean;
};

/** HMAC-SHA256 of a call's id under the server's secret, in base64url: nothing is stored for them. */
export function liveTokens(secret: string): LiveTokens {
  const key = createSecretKey(Buffer.from(secret));
  const mac = (callId: CallId): Buffer => createHmac("sha256", key).update(callId).digest();
  return {
    make: (callId) => mac(callId).toString("base64url"),
    fits(callId, token) {
      const given = Buffer.from(token, "base64url");
      const right = mac(callId);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
