/** Something that can be told to stop; its signal is made when somebody looks at it. */
export type Stop = { readonly signal: AbortSignal; abort(): void };

export function makeStop(): Stop {
  let controller: AbortController | undefined;
  return {
    get signal() {
      controller ??= new AbortController();
      return controller.signal;
    },
    abort() {
      controller ??= new AbortController();
      controller.abort();
    },
  };
}
