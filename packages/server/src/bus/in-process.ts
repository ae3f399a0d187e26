import type { Bus } from "../bus.ts";
import { type Log, silentLog } from "../log.ts";
import { Watchers } from "./watchers.ts";

/** News within one process, told at once and in order. */
export function openBus(log: Log = silentLog): Bus {
  const watchers = new Watchers(log);
  return {
    publish: (news) => watchers.tell(news),
    watch: (whom, hear) => watchers.watch(whom, hear),
    wake: () => watchers.wake(),
    onWake: (hear) => watchers.onWake(hear),
  };
}
