/**
 * Something that can be told to stop; its signal is made when somebody looks at
 * it. A class, and so is what has getters of its own for every message: a
 * literal with a getter makes a hidden class each time, which cost more than
 * all the reading of the message.
 */
export class Stop {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return this.#made().signal;
  }

  abort(): void {
    this.#made().abort();
  }

  #made(): AbortController {
    this.#controller ??= new AbortController();
    return this.#controller;
  }
}
