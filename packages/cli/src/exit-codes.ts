/** With what the command ends. */
export const exitCodes = { done: 0, failed: 1, misused: 2, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    it was done, or ended by Ctrl-C where that is how it ends
  1    it could not be done; the last line says why
  2    the command was not understood
  130  it was interrupted: at once, by a second Ctrl-C`;
