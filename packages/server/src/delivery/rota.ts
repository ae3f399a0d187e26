import type { TeamId } from "@offhook/protocol";

/**
 * Slots that teams share: they take turns, no team has more than its part,
 * and in a team its own lines take turns. Every step costs the same however
 * many lines there are.
 */
export class Rota<Line extends { teamId: TeamId }> {
  readonly #slotsMax: number;
  readonly #teamMax: number;
  #taken = 0;
  readonly #takenBy = new Map<TeamId, number>();
  /** Teams and their lines that wait, in the order of their turns. */
  readonly #waiting = new Map<TeamId, Set<Line>>();

  constructor(slotsMax: number, teamMax: number) {
    this.#slotsMax = slotsMax;
    this.#teamMax = teamMax;
  }

  enlist(line: Line): void {
    const lines = this.#waiting.get(line.teamId);
    if (lines === undefined) this.#waiting.set(line.teamId, new Set([line]));
    else lines.add(line);
  }

  /** Takes a line off: it has nothing more, or no room. */
  strike(line: Line): void {
    const lines = this.#waiting.get(line.teamId);
    lines?.delete(line);
    if (lines?.size === 0) this.#waiting.delete(line.teamId);
  }

  /** Gives a slot to the line whose turn it is. */
  next(): Line | undefined {
    if (this.#taken >= this.#slotsMax) return undefined;
    for (const [teamId, lines] of this.#waiting) {
      const takenBy = this.#takenBy.get(teamId) ?? 0;
      const [line] = lines;
      if (line === undefined || takenBy >= this.#teamMax) continue;
      // To the end of both lines: the others have their turn first.
      this.#waiting.delete(teamId);
      this.#waiting.set(teamId, lines);
      lines.delete(line);
      lines.add(line);
      this.#taken += 1;
      this.#takenBy.set(teamId, takenBy + 1);
      return line;
    }
    return undefined;
  }

  /** A slot of this team is free again. */
  leave(teamId: TeamId): void {
    this.#taken -= 1;
    const left = (this.#takenBy.get(teamId) ?? 1) - 1;
    if (left === 0) this.#takenBy.delete(teamId);
    else this.#takenBy.set(teamId, left);
  }
}
