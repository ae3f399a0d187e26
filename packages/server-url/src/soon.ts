/** What may be there already, or come later. */
export type Soon<Value> = Value | Promise<Value>;

/**
 * Goes on with a value: at once where it is there, else when it comes. Most
 * messages wait for nothing, and a promise for each step of each of them costs
 * more than the steps. A throw stays a throw, a rejection a rejection.
 */
export function andThen<Value, Next>(value: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> {
  return isPromise(value) ? value.then(next) : next(value);
}

export function isPromise<Value>(value: Soon<Value>): value is Promise<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
