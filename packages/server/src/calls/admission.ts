import type { TeamId } from "@offhook/protocol";

/** How many calls may be live at once: in all, and of one team. */
export type Capacity = { callsMax: number; teamCallsMax: number };

/** A place that a call holds; given back once, however often it is said. */
export type Place = { kind: "taken"; leave: () => void };

export type NoPlace = { kind: "server-full" } | { kind: "team-full" };

/** Counts the live calls. A place is taken before anything is done for a call, and given back when it is finished. */
export class Admission {
  readonly #capacity: Capacity;
  readonly #ofTeam = new Map<TeamId, number>();
  #empty: (() => void)[] = [];
  #live = 0;

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  get live(): number {
    return this.#live;
  }

  take(teamId: TeamId): Place | NoPlace {
    const { callsMax, teamCallsMax } = this.#capacity;
    const ofTeam = this.#ofTeam.get(teamId) ?? 0;
    if (this.#live >= callsMax) return { kind: "server-full" };
    if (ofTeam >= teamCallsMax) return { kind: "team-full" };
    return this.occupy(teamId);
  }

  /** A place for a call that is there already: it counts, and is never refused. */
  occupy(teamId: TeamId): Place {
    this.#live += 1;
    this.#ofTeam.set(teamId, (this.#ofTeam.get(teamId) ?? 0) + 1);
    let held: "held" | "left" = "held";
    const leave = (): void => {
      if (held === "left") return;
      held = "left";
      this.#leave(teamId);
    };
    return { kind: "taken", leave };
  }

  /** Settles when no call is live. */
  empty(): Promise<void> {
    if (this.#live === 0) return Promise.resolve();
    return new Promise((resolve) => this.#empty.push(resolve));
  }

  #leave(teamId: TeamId): void {
    const left = (this.#ofTeam.get(teamId) ?? 0) - 1;
    // A team without calls is forgotten, so that the map is no longer than the list of calls.
    if (left > 0) this.#ofTeam.set(teamId, left);
    else this.#ofTeam.delete(teamId);
    this.#live -= 1;
    if (this.#live === 0) for (const tell of this.#empty.splice(0)) tell();
  }
}
