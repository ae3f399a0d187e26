import type { Socket } from "node:net";

/**
 * Ends a connection at once: with a reset, where that can be sent. One whose
 * end is on its way cannot be reset: Node 24.21 would keep its handle for ever
 * and the process, at its end, would spin.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
