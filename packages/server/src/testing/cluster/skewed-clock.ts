/**
 * Read before a server (`node --import …/skewed-clock.ts?ms=300000`): its time
 * of day is wrong by so many ms, as that of a machine whose clock is. Timers
 * and the monotonic clock are not touched.
 */
const aheadMs = Number(new URL(import.meta.url).searchParams.get("ms"));

globalThis.Date = new Proxy(Date, {
  apply: (Real) => new Real(Real.now() + aheadMs).toString(),
  construct: (Real, given, asked): Date =>
    Reflect.construct(Real, given.length === 0 ? [Real.now() + aheadMs] : given, asked) as Date,
  get: (Real, name, asked): unknown =>
    name === "now" ? () => Real.now() + aheadMs : Reflect.get(Real, name, asked),
});
