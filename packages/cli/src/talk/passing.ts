import type { Problem } from "@offhook/protocol";

/** How long a server may be away before we give it up, and the pauses between two looks. */
export const awayMaxMs = 60_000;
export const firstPauseMs = 250;
export const lastPauseMs = 4_000;

/** Whether a problem may pass by itself: the server is away, or on its way. */
export function isPassing({ code, status }: Pick<Problem, "code" | "status">): boolean {
  return code === "unreachable" || status >= 500;
}
