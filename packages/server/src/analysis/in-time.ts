import type { Clock } from "../clock.ts";
import { failed, type Outcome } from "./outcome.ts";

/** What came of some work when its time was over, and what came of it later, if that was better. */
export type Run<Value> = { inTime: Promise<Outcome<Value>>; late: Promise<Outcome<Value> | undefined> };

/** What has been reached so far, for when the time is over. */
export type Interim<Value> = (reached: Outcome<Value>) => void;

export type Terms = {
  clock: Clock;
  /** The time that counts, and how much longer the work may go on. */
  limitMs: number;
  lateMs: number;
  /** Gives all of it up; `inTime` fails then. */
  signal: AbortSignal;
  /** What is said when the time is over and nothing was reached. */
  tooLate: () => Outcome<never>;
};

/** Lets work run within its time, and a while longer: what is late can still be told later. */
export function runInTime<Value>(
  terms: Terms,
  work: (signal: AbortSignal, interim: Interim<Value>) => Promise<Outcome<Value>>,
): Run<Value> {
  const { clock, limitMs, lateMs, signal, tooLate } = terms;
  const stop = new AbortController();
  const reached: { outcome?: Outcome<Value>; time: "left" | "over" } = { time: "left" };
  const { promise: inTime, resolve, reject } = Promise.withResolvers<Outcome<Value>>();
  const end = (): void => stop.abort();
  let cancel = clock.after(limitMs, () => {
    reached.time = "over";
    resolve(reached.outcome ?? tooLate());
    cancel = clock.after(lateMs, end);
  });
  const giveUp = (): void => {
    reject(new Error("the server stops: this analysis is left to its next start"));
    end();
  };
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  const whole = work(stop.signal, (outcome) => (reached.outcome = outcome)).catch((error: unknown) =>
    failed(`It failed inside the server: ${String(error)}`),
  );
  const late = whole.then((outcome) => {
    cancel();
    signal.removeEventListener("abort", giveUp);
    resolve(outcome);
    return reached.time === "over" && outcome.status === "ok" ? outcome : undefined;
  });
  return { inTime, late };
}
