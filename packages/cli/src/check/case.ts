import type { Probe } from "./probe.ts";

/** What was seen instead, in a sentence; `undefined` when it was as expected. */
export type Finding = string | undefined;

/** What a case cannot do without. */
export type Need = "nothing" | "a signature" | "a shared header" | "a secret" | "a tool";

export const groups = ["signature", "transport", "events", "delivery", "tools"] as const;
export type Group = (typeof groups)[number];

/** One thing that a receiver must do. */
export type Case = {
  /** In small letters with hyphens; it does not change between versions. */
  name: string;
  group: Group;
  needs: Need;
  /** What a good receiver does. */
  expects: string;
  /** How to mend one that does not. */
  mend: string;
  run: (probe: Probe) => Promise<Finding>;
};

/** The cases of one group, which say the rest of themselves. */
export function casesOf(group: Group, cases: readonly Omit<Case, "group">[]): Case[] {
  return cases.map((one) => ({ ...one, group }));
}
