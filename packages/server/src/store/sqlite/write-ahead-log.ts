import type { Thread } from "./thread.ts";

/** The write-ahead log is moved into the database after so many writes. */
const moveEveryWrites = 2_000;
/** It begins anew after so many moves: that holds up the writing thread for some ms. */
const restartEveryMoves = 8;

/** `flush` settles when what was moved is on the disk; none of the two threads waits for it. */
export type Log = { writer: Thread; reader: Thread; flush: () => Promise<void> };

/**
 * Counts writes, and now and then moves the log into the database, on the
 * reading thread. What is written meanwhile stays in the log, so a log that is
 * written to all the time would never begin anew, and grow as long as there is
 * work. So now and then the reading thread moves once more, and the little
 * that is then left the writing thread moves itself, between two groups.
 *
 * SQLite flushes the database only when a move has reached the end of the log,
 * which under load is that last one: the writing thread would wait for the
 * disk to take all that was moved since the log began. So each move is flushed
 * at once, beside the threads.
 */
export function countWrites({ writer, reader, flush }: Log): () => void {
  let writes = 0;
  let moves = 0;
  let state: "resting" | "moving" = "resting";
  const moveMost = async (): Promise<void> => {
    await reader.checkpoint();
    await flush();
  };
  const move = async (): Promise<void> => {
    state = "moving";
    await moveMost();
    moves += 1;
    if (moves % restartEveryMoves === 0) {
      await moveMost();
      await writer.checkpoint();
    }
    state = "resting";
  };
  return () => {
    writes += 1;
    if (writes < moveEveryWrites || state === "moving") return;
    writes = 0;
    void move();
  };
}
