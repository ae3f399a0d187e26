import { useEffect, useState } from "react";
import { every, now } from "../clock.ts";

/** The time in epoch ms, anew each period while `isRunning`. */
export function useNow(periodMs: number, isRunning = true): number {
  const [time, setTime] = useState(now);
  useEffect(() => (isRunning ? every(periodMs, () => setTime(now())) : undefined), [periodMs, isRunning]);
  return time;
}
