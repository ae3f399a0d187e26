import type { ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** What every command is given. */
export type Wiring = {
  terminal: Terminal;
  /** Told with what the command ends. */
  ended: (exitCode: ExitCode) => void;
  /** Ends the process at once. */
  interrupt: () => void;
};
