import type { Thread } from "./thread.ts";

/** The write-ahead log is moved into the database after so many writes. */
const checkpointEveryWrites = 2_000;

/**
 * Counts writes, and now and then moves the log into the database so that it
 * begins anew. The reading thread moves the bulk, and then what came
 * meanwhile; the little that is left the writing thread moves itself, between
 * two groups. Without that last step a log that is written to all the time
 * never begins anew: it grows as long as there is work.
 */
export function countWrites({ writer, reader }: { writer: Thread; reader: Thread }): () => void {
  let writes = 0;
  let state: "resting" | "moving" = "resting";
  const move = async (): Promise<void> => {
    state = "moving";
    await reader.checkpoint();
    await reader.checkpoint();
    await writer.checkpoint();
    state = "resting";
  };
  return () => {
    writes += 1;
    if (writes < checkpointEveryWrites || state === "moving") return;
    writes = 0;
    void move();
  };
}
