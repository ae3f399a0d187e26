import { appendFileSync } from "node:fs";
import { shown, saw } from "../check/findings.ts";
import type { Style } from "../style.ts";
import { plain } from "../terminal.ts";
import type { Passed } from "./local-application.ts";

/** A message and its answer, in a line for people. */
export function passedLine(passed: Passed, style: Style): string {
  const { at, what, callId, answer, attempt, next } = passed;
  const time = new Date(at).toTimeString().slice(0, 8);
  const came = answer.kind === "answered" ? String(answer.status) : answer.kind;
  const isGood = answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
  const told = isGood ? toldOf(passed) : saw(answer);
  const parts = [
    style.dim(time),
    what.padEnd(28),
    style.dim(callId.slice(0, 11)),
    "→",
    isGood ? style.green(came) : style.red(came),
    style.dim(`${answer.elapsedMs} ms`),
    ...(attempt > 1 ? [style.dim(`attempt ${attempt}`)] : []),
    ...(told === "" ? [] : [plain(told)]),
    ...(next === undefined ? [] : [style.yellow(`(${next})`)]),
  ];
  return parts.join("  ");
}

/** What a tool answered; of an event only the status counts. */
function toldOf({ kind, answer }: Passed): string {
  return kind === "tool-call" && answer.kind === "answered" ? shown(answer.body) : "";
}

/** The same for programs, and for `offhook replay`. */
export function passedRecord({ letter, next, ...passed }: Passed): Record<string, unknown> {
  const { id, body, headers } = letter;
  return { ...passed, ...(next === undefined ? {} : { next }), request: { id, body, headers } };
}

/** Writes each to the end of a file, as one line of JSON. */
export function recorder(file: string | undefined): (passed: Passed) => void {
  if (file === undefined) return () => undefined;
  return (passed) => appendFileSync(file, `${JSON.stringify(passedRecord(passed))}\n`);
}
