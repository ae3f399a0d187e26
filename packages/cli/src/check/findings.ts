import type { Incoming } from "../sending/exchange.ts";
import type { Finding } from "./case.ts";

/** Accepted: any 2xx. */
export function accepted(answer: Incoming): Finding {
  return isAccepted(answer) ? undefined : saw(answer);
}

/** Refused: any 4xx. */
export function refused(answer: Incoming): Finding {
  return hasStatus(answer, 400, 499) ? undefined : saw(answer);
}

/** Taken or refused, as long as nothing broke: 2xx or 4xx. */
export function unbroken(answer: Incoming): Finding {
  return isAccepted(answer) || hasStatus(answer, 400, 499) ? undefined : saw(answer);
}

/** The first of several findings, with which of them it was. */
export function allOf(findings: readonly (readonly [what: string, finding: Finding])[]): Finding {
  const first = findings.find(([, finding]) => finding !== undefined);
  return first && `${first[0]}: ${first[1]}`;
}

export function isAccepted(answer: Incoming): boolean {
  return hasStatus(answer, 200, 299);
}

function hasStatus(answer: Incoming, from: number, to: number): boolean {
  return answer.kind === "answered" && answer.status >= from && answer.status <= to;
}

/** So many characters of an answer are shown. */
const shownMax = 160;

/** What came, in a few words. */
export function saw(answer: Incoming): string {
  if (answer.kind !== "answered") return answer.detail;
  const where = answer.headers["location"];
  if (answer.status >= 300 && answer.status < 400)
    return `it answered ${answer.status}, a redirect to ${where ?? "nowhere"}, which is never followed`;
  const text = answer.body.trim();
  return text === "" ? `it answered ${answer.status}` : `it answered ${answer.status} with ${shown(text)}`;
}

/** A text from elsewhere on one line, cut. */
export function shown(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length > shownMax ? `${line.slice(0, shownMax)}…` : line;
}
