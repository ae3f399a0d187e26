import type { Thread } from "./thread.ts";

/** The write-ahead log is moved into the database after so many writes. */
const moveEveryWrites = 2_000;
/** It begins anew after so many moves: that holds up the writing thread for some ms. */
const restartEveryMoves = 5;

/**
 * Counts writes, and now and then moves the log into the database, on the
 * reading thread. What is written meanwhile stays in the log, so a log that is
 * written to all the time would never begin anew, and grow as long as there is
 * work. So now and then the reading thread moves once more, and the little
 * that is then left the writing thread moves itself, between two groups.
 */
export function countWrites({ writer, reader }: { writer: Thread; reader: Thread }): () => void {
  let writes = 0;
  let moves = 0;
  let state: "resting" | "moving" = "resting";
  const move = async (): Promise<void> => {
    state = "moving";
    await reader.checkpoint();
    moves += 1;
    if (moves % restartEveryMoves === 0) {
      await reader.checkpoint();
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
