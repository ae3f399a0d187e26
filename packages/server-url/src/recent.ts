/**
 * A memory of bounded size for what came last: it holds at least the newest
 * half of what fits, and never more than fits. Two maps take turns, so that
 * forgetting costs nothing; taking the oldest out of one map, one by one,
 * searches past all that were taken out before.
 */
export type Recent<Value> = {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  readonly size: number;
};

export type RecentLimits<Value> = {
  entriesMax: number;
  weightMax?: number;
  /** How much an entry counts against `weightMax`; nothing if not said. */
  weightOf?: (key: string, value: Value) => number;
};

export function makeRecent<Value>(limits: RecentLimits<Value>): Recent<Value> {
  const { entriesMax, weightMax = Number.POSITIVE_INFINITY, weightOf = () => 0 } = limits;
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  let weight = 0;
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set(key, value) {
      const added = weightOf(key, value);
      // What it replaces is counted again: weights are bounds, not sums.
      if (young.size + 1 > entriesMax / 2 || weight + added > weightMax / 2) {
        old = young;
        young = new Map();
        weight = 0;
      }
      young.set(key, value);
      weight += added;
    },
    get size() {
      return young.size + old.size;
    },
  };
}
