/** What it took to open a connection, in ms; null for what was not needed, or did not come about. */
export type Opening = { dnsMs: number | null; connectMs: number | null; tlsMs: number | null };

/** Nothing was needed: an address instead of a name, or a connection that was open already. */
export const nothingOpened: Opening = { dnsMs: null, connectMs: null, tlsMs: null };

/** What each connection took, or the failure instead of it; kept for as long as these are. */
const openings = new WeakMap<object, Opening>();

export function noteOpening<Made extends object>(made: Made, opening: Opening): Made {
  openings.set(made, opening);
  return made;
}

/** What a socket took to open, or what had been done before an error; `undefined` when it was not noted. */
export function openingOf(of: object): Opening | undefined {
  return openings.get(of);
}
