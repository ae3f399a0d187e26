/** A name that nobody else has: for a request that may have to be sent again. */
export const randomKey = (): string => crypto.randomUUID();
