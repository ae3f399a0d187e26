import { readFileSync } from "node:fs";

/** Ms on a clock that all processes of a machine share and that never jumps (CLOCK_MONOTONIC). */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Seconds of processor time that this process has used, all its threads together. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The same of the thread that asks. */
export function threadProcessorSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** The clock of /proc: ticks in a second, on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Where user and system time stand among the fields after the program's name (proc(5): 14 and 15 of all, the third comes first). */
const timeFields = [11, 13] as const;

/** The same of another process; NaN where there is no /proc. */
export function processorSecondsOf(pid: number): number {
  try {
    // What is before the last bracket is the program's name, which may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [user = Number.NaN, system = Number.NaN] = fields.slice(...timeFields).map(Number);
    return (user + system) / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
