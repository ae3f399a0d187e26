import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";

/** Others are woken no more often than this. */
export const wakeEveryMs = 20;

/** The bus of a server that sends nothing itself: those that do are woken for what it writes. */
export function wakingBus(bus: Bus, clock: Clock): Bus {
  let state: "idle" | "soon" = "idle";
  const wakeSoon = (): void => {
    if (state === "soon") return;
    state = "soon";
    clock.after(wakeEveryMs, () => {
      state = "idle";
      bus.wake();
    });
  };
  return {
    publish(news) {
      bus.publish(news);
      if (news.kind === "entries" && news.entries.some(({ sequence }) => sequence !== null)) wakeSoon();
    },
    watch: (whom, hear) => bus.watch(whom, hear),
    wake: () => bus.wake(),
    onWake: (hear) => bus.onWake(hear),
  };
}
