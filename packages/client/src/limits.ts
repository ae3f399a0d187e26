/** How long the client waits, and how much it holds. Milliseconds unless the name says otherwise. */
export type Limits = {
  /** A request, from its first byte to its answer's last: longer than the server holds one that waits for a reply. */
  requestMaxMs: number;
  /** How often a request is asked again when the server says "not now", or is out of reach. */
  retriesMax: number;
  /** The wait before it is asked again: doubled each time, up to the last; a longer `Retry-After` is not waited for. */
  retryFirstMs: number;
  retryLastMs: number;
  /** A stream that gives nothing for so long, not even a comment, is taken for lost. The server comments every 15 s. */
  silenceMaxMs: number;
  /** The wait before a stream is opened again: doubled with every failure, up to the last. */
  reconnectFirstMs: number;
  reconnectLastMs: number;
  /** After so many failures in a row a stream is given up. */
  failuresMax: number;
  /** A stream that held for so long before it broke begins a new row. */
  steadyMs: number;
  /** How long a live session may take to open. */
  openMaxMs: number;
  /** Updates of a live session that may wait to be read. */
  waitingMax: number;
};

export const defaultLimits: Limits = {
  requestMaxMs: 70_000,
  retriesMax: 2,
  retryFirstMs: 500,
  retryLastMs: 10_000,
  silenceMaxMs: 45_000,
  reconnectFirstMs: 500,
  reconnectLastMs: 15_000,
  failuresMax: 10,
  steadyMs: 10_000,
  openMaxMs: 10_000,
  waitingMax: 10_000,
};
