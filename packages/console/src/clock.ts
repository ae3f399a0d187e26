/** Epoch ms. */
export const now = (): number => Date.now();

/** Acts again and again until it is called off. */
export function every(periodMs: number, act: () => void): () => void {
  const timer = setInterval(act, periodMs);
  return () => clearInterval(timer);
}

/** Acts once, later, unless it is called off first. */
export function after(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
}
