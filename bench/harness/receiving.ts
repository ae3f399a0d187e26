import type { ReceiverDoes } from "../processes/receiver.ts";
import type { Child } from "./child.ts";
import type { Figures } from "./rounds.ts";

/** Runs a round, and adds what the receiver saw of it: events out of their call's order, and events that came again. */
export function counting(receiver: Child<ReceiverDoes>): (run: () => Promise<Figures>) => Promise<Figures> {
  return async (run) => {
    const before = await receiver.ask("count", undefined);
    const figures = await run();
    const after = await receiver.ask("count", undefined);
    return {
      ...figures,
      outOfOrder: after.outOfOrder - before.outOfOrder,
      repeated: after.repeated - before.repeated,
    };
  };
}

/** The same for a contender that keeps the order: anything else is no figure. */
export function inOrder(receiver: Child<ReceiverDoes>): (run: () => Promise<Figures>) => Promise<Figures> {
  const count = counting(receiver);
  return async (run) => {
    const { outOfOrder = 0, repeated = 0, ...figures } = await count(run);
    if (outOfOrder + repeated > 0)
      throw new Error(`${outOfOrder} events came out of order and ${repeated} came again`);
    return figures;
  };
}
