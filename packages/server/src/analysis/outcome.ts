/** What came of one analysis; what is not `ok` says why. A failed one may still have a part of its value. */
export type Outcome<Value> =
  | { status: "ok"; value: Value }
  | { status: "failed"; error: string; value?: Value }
  | { status: "skipped"; error: string };

export function failed(error: string): Outcome<never> {
  return { status: "failed", error };
}

export function skipped(error: string): Outcome<never> {
  return { status: "skipped", error };
}
